// Makes one of the people who share an address. A merge has an id that follows from the import, so that one that this import made
// is found again, also when somebody retracted it since, and is not made twice.

import { idOf, isFailure } from 'foldline/engine';
import { backoffMs, pause } from 'foldline/running';
import { type IdentityPorts, mergeIdentities } from '../../src/identities/merge.ts';
import type { MergeLog } from '../../src/identities/merge-log.ts';
import { betweenTries, inBatches } from './batches.ts';
import { countOne, type Tally } from './figures.ts';
import { type Group, survivorOfGroup } from './identity-map.ts';
import { conversationOf, type Import, mergeIdIn } from './imported-events.ts';

interface WantedMerge {
  readonly mergeId: string;
  readonly survivorId: string;
  readonly absorbedId: string;
}

export interface Pending {
  /** For each group what is still to be done, one after the other: all merges of a group write to its survivor. */
  readonly toCome: readonly (readonly WantedMerge[])[];
  /** Merges of these groups that this import made before. */
  readonly made: number;
}

/**
 * What the groups call for: everybody into its group's survivor; nothing more once an import has finished, for whoever shares an
 * address then is somebody else. One question for each batch.
 */
export async function* pendingMerges(
  log: Pick<MergeLog, 'among'>,
  of: Import,
  groups: Iterable<Group>,
  batchMax: number,
  finished: boolean,
): AsyncGenerator<Pending> {
  for (const batch of inBatches(groups, batchMax)) {
    const wanted = batch.map((group) => mergesOf(of, group)).filter((merges) => merges.length > 0);
    if (wanted.length === 0) continue;
    const made = new Set((await log.among(wanted.flat().map(({ mergeId }) => mergeId))).map(({ id }) => id));
    const toCome = wanted.map((merges) => merges.filter(({ mergeId }) => !finished && !made.has(mergeId)));
    yield { toCome, made: made.size };
  }
}

/** None for people who are one subject already. */
function mergesOf(of: Import, group: Group): WantedMerge[] {
  const survivor = survivorOfGroup(group);
  const others = new Set(group.members.map(({ subject }) => subject).filter((subject) => subject !== survivor));
  return [...others].map((absorbed) => ({
    mergeId: mergeIdIn(of, absorbed, group.address),
    survivorId: idOf(survivor),
    absorbedId: idOf(absorbed),
  }));
}

export interface Merged {
  /** Merges of this import, whichever of its runs made them. */
  ours: number;
  madeNow: number;
  /** How many were not made, by the code of the failure that says why. */
  readonly notMerged: Tally;
}

interface MergingLimits {
  readonly triesMax: number;
  readonly inFlightMax: number;
}

type MergingPorts = IdentityPorts & { readonly log: Pick<MergeLog, 'among'> };

/** @param onMerged told how many merges were dealt with */
export async function mergePeople(
  ports: MergingPorts,
  of: Import,
  pending: AsyncIterable<Pending>,
  { triesMax, inFlightMax }: MergingLimits,
  onMerged: (count: number) => void,
): Promise<Merged> {
  const merged: Merged = { ours: 0, madeNow: 0, notMerged: {} };
  let done = 0;
  for await (const { toCome, made } of pending) {
    merged.ours += made;
    await together(toCome, inFlightMax, async (merges) => {
      for (const merge of merges) {
        await mergeOne(ports, of, merge, merged, triesMax);
        done += 1;
        onMerged(done);
      }
    });
  }
  return merged;
}

async function mergeOne(
  ports: MergingPorts,
  of: Import,
  merge: WantedMerge,
  merged: Merged,
  triesMax: number,
): Promise<void> {
  const order = { ...merge, reason: `import ${of.id}: one address` };
  for (let n = 1; ; n += 1) {
    if (n > 1) await pause(backoffMs(betweenTries, n));
    try {
      await mergeIdentities(ports, order, { causation: conversationOf(of) });
      merged.ours += 1;
      merged.madeNow += 1;
      return;
    } catch (error) {
      if (!isFailure(error)) throw error;
      // Stored by a try whose answer was lost, or by another run of this import at the same time.
      if ((await ports.log.among([merge.mergeId])).length > 0) {
        merged.ours += 1;
        return;
      }
      // What is no conflict is somebody's word, for example that one of them was deleted, and the report tells it.
      if (error.code !== 'version-conflict' && error.code !== 'overloaded')
        return countOne(merged.notMerged, error.code);
      if (n === triesMax) throw error;
    }
  }
}

/** Does the work for each item, at most so many at once. The first failure is thrown once the others under way have ended. */
async function together<T>(items: readonly T[], inFlightMax: number, work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items[Symbol.iterator]();
  const worker = async () => {
    for (const item of waiting) await work(item);
  };
  const ends = await Promise.allSettled(Array.from({ length: inFlightMax }, worker));
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed) throw failed.reason;
}
