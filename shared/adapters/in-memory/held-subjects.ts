// Held subjects in memory, for tests.
import { bounded, type Held, type HeldSubjects } from '../../engine/index.ts';

export function inMemoryHeldSubjects(): HeldSubjects {
  const all = new Map<string, Held>();
  return {
    async hold(held) {
      for (const one of held) {
        const before = all.get(one.key);
        const seenVersion = Math.max(one.seenVersion, before?.seenVersion ?? 0);
        all.set(one.key, {
          ...one,
          detail: bounded(one.detail),
          seenVersion,
          since: before?.since ?? one.since,
          attempts: (before?.attempts ?? 0) + 1,
        });
      }
    },
    async release(reached) {
      for (const [key, version] of reached) if ((all.get(key)?.seenVersion ?? 0) <= version) all.delete(key);
    },
    async among(keys) {
      return new Map(keys.flatMap((key) => all.get(key) ?? []).map((held) => [held.key, held]));
    },
    async list(limit) {
      return [...all.values()].sort((a, b) => (a.key < b.key ? -1 : 1)).slice(0, limit);
    },
    async count() {
      return all.size;
    },
  };
}
