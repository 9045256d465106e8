// Where a reader of a change stream goes on. The token is only handed back; the cluster time beside it may be compared with the server's,
// which tells a checkpoint that lies ahead of a restored server. After a lost checkpoint the reader begins at the server's present, and a
// scan of the collection brings up what lies between.
import type { Collection, Db, ResumeToken, Timestamp } from 'mongodb';
import type { Logger } from '../../../engine/index.ts';
import { type Backoff, backoffMs, pause } from '../../../running/index.ts';

export interface CheckpointDocument {
  readonly _id: string;
  /** Where reading began, pinned before the first event. */
  readonly startedAt: Timestamp;
  readonly token?: ResumeToken;
  /** Of the event that `token` belongs to, or of the server when nothing was there to read. */
  readonly clusterTime: Timestamp;
  readonly savedAt: Date;
}

export interface Checkpoints {
  load(name: string): Promise<CheckpointDocument | undefined>;
  /** Begins a new reading at the server's present, and stores that before anything is read. */
  pin(name: string): Promise<CheckpointDocument>;
  save(name: string, token: ResumeToken, clusterTime: Timestamp): Promise<void>;
  /** The server's present, for comparison with a stored cluster time. */
  now(): Promise<Timestamp>;
}

export function mongoCheckpoints(db: Db, collection: Collection<CheckpointDocument>): Checkpoints {
  const now = async () => (await db.command({ ping: 1 })).operationTime as Timestamp;
  return {
    now,
    load: async (name) => (await collection.findOne({ _id: name })) ?? undefined,
    async pin(name) {
      const startedAt = await now();
      const pinned = { startedAt, clusterTime: startedAt, savedAt: new Date() };
      await collection.replaceOne({ _id: name }, pinned, { upsert: true });
      return { _id: name, ...pinned };
    },
    async save(name, token, clusterTime) {
      await collection.updateOne({ _id: name }, { $set: { token, clusterTime, savedAt: new Date() } });
    },
  };
}

/** Stores the place of one reader now and then: at most every `everyMs` while events flow, and when it moved while they do not. */
export function checkpointSaver(name: string, checkpoints: Checkpoints, everyMs: number) {
  let savedMs = 0;
  let unsaved: { token: ResumeToken; clusterTime: Timestamp } | undefined;
  let idleToken: unknown;

  async function flush(): Promise<void> {
    if (!unsaved) return;
    const { token, clusterTime } = unsaved;
    unsaved = undefined;
    savedMs = Date.now();
    await checkpoints.save(name, token, clusterTime);
  }

  return {
    flush,
    /** To be called once the event that `token` belongs to is handled. */
    async handled(token: ResumeToken, clusterTime: Timestamp): Promise<void> {
      unsaved = { token, clusterTime };
      if (Date.now() - savedMs >= everyMs) await flush();
    },
    /** To be called with the stream's own token while nothing is in hand, so that a quiet collection's place does not age. */
    async idle(token: ResumeToken): Promise<void> {
      if (unsaved) return flush();
      if (token === idleToken) return;
      idleToken = token;
      await checkpoints.save(name, token, await checkpoints.now());
    },
  };
}

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
      log.warn({ err: error, feed: name }, 'no new checkpoint could be stored; the feed tries again');
      await pause(backoffMs(retry, attempt), signal);
    }
  }
  return undefined;
}
