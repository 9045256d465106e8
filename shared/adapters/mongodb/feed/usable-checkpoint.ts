// Where a change stream can be read on from, and what to do when that checkpoint is no longer to be had: begin anew at the
// server's present. What lies between is then brought up by scanning the collection, so nothing is skipped.

import type { Logger } from '../../../engine/index.ts';
import { type Backoff, backoffMs, pause } from '../../../running/index.ts';
import type { CheckpointDocument, Checkpoints } from './checkpoints.ts';

/** The oplog rolled (286, 136), another cluster's or collection's token (280, 260), a token that is none (9, 40647, 40649, 50811). */
const historyLost = new Set([9, 136, 260, 280, 286, 40647, 40649, 50811]);

/** Whether the server says by its code that the checkpoint cannot be read from again. */
export function saysHistoryLost(error: unknown): boolean {
  return historyLost.has((error as { code?: number }).code ?? 0);
}

/** The stored checkpoint, or a new one when there is none or it lies in the server's future, as after a restore from a backup. */
export async function usableCheckpoint(
  name: string,
  checkpoints: Checkpoints,
  log: Logger,
): Promise<CheckpointDocument> {
  const stored = await checkpoints.load(name);
  if (!stored) return checkpoints.pin(name);
  const now = await checkpoints.now();
  if (stored.clusterTime.lessThanOrEqual(now)) return stored;
  log.warn(
    { feed: name },
    'history lost: the checkpoint is ahead of the server; going on from now and catching up by scanning',
  );
  return checkpoints.pin(name);
}

/** A new checkpoint, however long the server takes to answer; undefined once `signal` is aborted. */
export async function newCheckpoint(
  name: string,
  checkpoints: Checkpoints,
  log: Logger,
  retry: Backoff,
  signal: AbortSignal,
): Promise<CheckpointDocument | undefined> {
  log.warn(
    { feed: name },
    'history lost: the source no longer holds the checkpoint; going on from now and catching up by scanning',
  );
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    try {
      return await checkpoints.pin(name);
    } catch (error) {
      log.warn({ err: error, feed: name }, 'no new checkpoint could be stored; it is tried again');
      await pause(backoffMs(retry, attempt), signal);
    }
  }
  return undefined;
}
