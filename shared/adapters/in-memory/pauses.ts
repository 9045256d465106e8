// Pauses in memory, for tests. Several pauses over one of these are several processes.
import type { Pause, Pauses } from '../../operations/ports.ts';

export function inMemoryPauses(): Pauses {
  const pauses = new Map<string, Pause>();
  return {
    read: async (projection) => pauses.get(projection),
    async begin(projection, pause) {
      const there = pauses.get(projection);
      if (!there) pauses.set(projection, pause);
      return there ?? pause;
    },
    async end(projection) {
      const was = pauses.get(projection);
      pauses.delete(projection);
      return was;
    },
  };
}
