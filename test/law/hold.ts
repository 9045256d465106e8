// Runs many cases in a row, the seeds one after the other, and tells about the first that fails so that it can be seen again.

import type { Bend, Tally } from './bend.ts';
import { type Case, caseOf, emptyTally, faultOf } from './law.ts';
import { plantedBugs } from './planted-bugs.ts';
import { describeCase, shrunk } from './shrink.ts';

export interface Failing {
  readonly seed: number;
  readonly fault: string;
  /** Small, and still failing. */
  readonly smallest: Case;
  readonly report: string;
}

export interface Search {
  readonly worlds: number;
  readonly tally: Tally;
  readonly failing: Failing | undefined;
}

/** @param progress is called after each world with how many there were */
export async function searchFault(
  firstSeed: number,
  worldsMax: number,
  progress: (worlds: number) => void = () => undefined,
): Promise<Search> {
  const tally = emptyTally();
  for (let worlds = 0; worlds < worldsMax; ) {
    const seed = firstSeed + worlds;
    const fault = await faultOf(caseOf(seed), {}, tally);
    worlds += 1;
    if (fault !== undefined) return { worlds, tally, failing: await explain(seed, fault) };
    progress(worlds);
  }
  return { worlds: worldsMax, tally, failing: undefined };
}

/** How many worlds a planted bug takes to be caught, by a world that holds without it; undefined when `worldsMax` were not enough. */
export async function worldsUntilCaught(
  name: string,
  firstSeed: number,
  worldsMax: number,
): Promise<number | undefined> {
  for (let worlds = 1; worlds <= worldsMax; worlds += 1) {
    const one = caseOf(firstSeed + worlds - 1);
    if ((await faultOf(one, plantedBugs[name])) !== undefined && (await faultOf(one)) === undefined) return worlds;
  }
  return undefined;
}

export async function explain(seed: number, fault: string, bend: Bend = {}): Promise<Failing> {
  const smallest = await shrunk(caseOf(seed), async (one) => (await faultOf(one, bend)) !== undefined);
  const report = [
    `The law does not hold: ${fault}`,
    `To see it again: TEST_SEED=${seed} npx jest --selectProjects unit --testPathPatterns test/law`,
    `Made small: ${await faultOf(smallest, bend)}`,
    describeCase(smallest),
  ].join('\n  ');
  return { seed, fault, smallest, report };
}
