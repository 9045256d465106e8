// A bound for routes whose answer is one scan of a whole collection.
import { Failure } from '../engine/index.ts';

const scansAtOnceMax = 4;

/** @param doing what these requests do, for the refusal. The work is refused with a Failure `overloaded` while too many run */
export function scansAtOnce(doing: string): <T>(work: () => Promise<T>) => Promise<T> {
  let scans = 0;
  return async (work) => {
    if (scans >= scansAtOnceMax)
      throw new Failure('overloaded', `${scansAtOnceMax} requests ${doing} already; try again.`);
    scans += 1;
    try {
      return await work();
    } finally {
      scans -= 1;
    }
  };
}
