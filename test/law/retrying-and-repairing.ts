// The product's own retrier, one try of it: its loop and its clock stand still, what it reads and writes can be cut anywhere.

import { type HeldSubjects, isFailure } from 'foldline/engine';
import { createRetrier, type HeldPages, type Owner, type RetrierPorts } from 'foldline/operations';
import { testClock } from 'foldline/testing';

const heldMax = 1000;
// Nothing is tracked, so that only what the law asks for is tried.
const limits = {
  batchSubjectsMax: heldMax,
  batchEventsMax: heldMax * 100,
  trackedMax: 0,
  retryInitialMs: 1000,
  retryMsMax: 1000,
  ownerRetryMsMax: 1000,
  lookEveryMs: 60_000,
};

export const silent = { info() {}, warn() {}, error() {} };

export type AttemptPorts = Pick<RetrierPorts, 'models' | 'held' | 'apply' | 'ownerOf'>;

/** @param only an index into what is held; all of it unless given */
export async function repairOnce(ports: AttemptPorts, only: number | undefined): Promise<void> {
  const keys = (await ports.held.list(heldMax)).map(({ key }) => key);
  if (keys.length === 0) return;
  const retrier = createRetrier({ ...ports, pages: pagesOf(ports.held), clock: testClock(), log: silent, limits });
  const key = keys[(only ?? 0) % keys.length] as string;
  const trying = only === undefined ? retrier.retryAfter(undefined, heldMax) : retrier.retry(key);
  // Closed at once: what it was asked for goes on, and a run that ends while it stands still leaves no timer behind.
  const closing = retrier.close();
  try {
    await trying;
  } catch (error) {
    // Somebody else let it go meanwhile.
    if (!isFailure(error, 'not-found')) throw error;
  }
  await closing;
}

function pagesOf(held: HeldSubjects): HeldPages {
  const behind = async (key = '') => (await held.list(heldMax)).filter((one) => one.key > key);
  return {
    after: async (key, limit) => (await behind(key)).slice(0, limit),
    countAfter: async (key) => (await behind(key)).length,
  };
}

/** Two owners, as in the product: users are asked for elsewhere. */
export function ownersOf(read: Owner['readNext'], isOwn: (subject: string) => boolean): RetrierPorts['ownerOf'] {
  const [own, other]: [Owner, Owner] = [{ readNext: read }, { readNext: read }];
  return (subject) => (isOwn(subject) ? own : other);
}
