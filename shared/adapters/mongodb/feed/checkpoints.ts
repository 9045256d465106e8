// Where a reader of a change stream is. The token is only handed back; the cluster time beside it may be compared with
// the server's, which tells a checkpoint that lies ahead of a restored server.
import type { Collection, Db, ResumeToken, Timestamp } from 'mongodb';

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
