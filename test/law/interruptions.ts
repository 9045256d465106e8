// Where the work of one batch can be cut: before every use of a port. There it goes on, ends as a killed process does, or
// stands still until it is woken, while others work; what a zombie had read is old by then.
import type { Documents, HeldSubjects } from 'foldline/engine';
import type { Owner } from 'foldline/operations';

/** What a killed process leaves: nothing more happens. */
export class Crash extends Error {}

export interface Interruption {
  readonly crashAt: number | undefined;
  readonly pauseAt: number | undefined;
}

export interface Course {
  /** Passed before every use of a port. @throws Crash */
  point(): Promise<void>;
  /** Resolves when the work stands still. */
  readonly paused: Promise<void>;
  wake(): void;
}

export function courseOf({ crashAt, pauseAt }: Interruption): Course {
  let passed = -1;
  const pausing = signal();
  const waking = signal();
  let dead = false;
  return {
    paused: pausing.promise,
    wake: () => waking.resolve(),
    async point() {
      passed += 1;
      const now = passed;
      if (now === pauseAt) {
        pausing.resolve();
        await waking.promise;
      }
      if (now === crashAt) dead = true;
      if (dead) throw new Crash();
    },
  };
}

function signal(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** Each write of a bulk is its own: a crash may come between any two. */
export function interruptedDocuments(
  documents: Documents,
  { point }: Course,
  written: (id: string) => Promise<void>,
): Documents {
  return {
    async read(ids) {
      await point();
      return documents.read(ids);
    },
    async write(writes) {
      for (const write of writes) {
        await point();
        await documents.write([write]);
        await written('put' in write ? write.put._id : write.placeholder);
      }
    },
  };
}

export function interruptedHeld(held: HeldSubjects, { point }: Course): HeldSubjects {
  return {
    ...held,
    async hold(all) {
      for (const one of all) {
        await point();
        await held.hold([one]);
      }
    },
    async release(reached) {
      for (const one of reached) {
        await point();
        await held.release(new Map([one]));
      }
    },
    async among(keys) {
      await point();
      return held.among(keys);
    },
    async list(limit) {
      await point();
      return held.list(limit);
    },
  };
}

/** What an owner answered may be old by the time it is folded. */
export function interruptedReading(readNext: Owner['readNext'], { point }: Course): Owner['readNext'] {
  return async (...asked) => {
    await point();
    const later = await readNext(...asked);
    await point();
    return later;
  };
}
