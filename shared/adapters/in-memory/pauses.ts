// Pauses in memory, for tests. A test opens several pause gates on one `Pauses`: each gate stands for one process.
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
