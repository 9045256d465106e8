// The snapshot projector draining a backlog of 200,000 events, against a bare loop: the same change stream in the same batches,
// and the very bulk operations that the projector made, without reading, folding, digests or checkpoints.

import { userProjection } from '@foldline/user-service/users';
import { feedLimits, systemClock, systemIds } from 'foldline/config';
import {
  createProjector,
  type Documents,
  type DocumentWrite,
  type StoredDocument,
  type StoredEvent,
} from 'foldline/engine';
import {
  type CheckpointDocument,
  changeStreamFeed,
  ensureEventCollection,
  eventsAsBytes,
  type HeldDocument,
  insertsOnly,
  mongoCheckpoints,
  mongoDocuments,
  mongoHeldSubjects,
  storedEventsOf,
} from 'foldline/mongodb';
import type { Collection, Db, MongoClient, Timestamp } from 'mongodb';
import { benchSettings } from './config.ts';
import { userEvent } from './events.ts';
import { percentile, type Result } from './report.ts';

const users = 50_000;
const eventsOfEach = 4;
const events = users * eventsOfEach;
const rounds = 3;
const silent = { info: () => {}, warn: () => {}, error: console.error };

export async function benchProjector(client: MongoClient): Promise<Result> {
  const db = client.db('bench_projector');
  await db.dropDatabase();
  const collection = await ensureEventCollection(db, 'UserEvents');
  const begin = await mongoCheckpoints(db, db.collection<CheckpointDocument>('Checkpoints')).now();
  await store(collection);
  const projectorMs: number[] = [];
  const bareMs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const { ms, batches } = await drainWithProjector(db, collection, begin);
    projectorMs.push(ms);
    bareMs.push(await drainBare(db, collection, begin, batches));
  }
  await db.dropDatabase();
  const rate = (ms: readonly number[]) => (events * 1000) / percentile(ms, 0.5);
  const ratio = rate(projectorMs) / rate(bareMs);
  return {
    bench: `projector: ${events} events of ${users} users, median of ${rounds} rounds`,
    figures: [
      { what: 'bare loop: change stream and bulk writes', value: rate(bareMs), unit: 'events/s' },
      { what: 'projector', value: rate(projectorMs), unit: 'events/s' },
    ],
    claims: [{ what: 'projector / bare loop', value: ratio, aim: 'at least 0.6', met: ratio >= 0.6 }],
  };
}

/** Interleaved, as many users at work at once would leave them: version 1 of a thousand users, then version 2, and so on. */
async function store(collection: Collection<StoredEvent>): Promise<void> {
  const group = 1000;
  for (let at = 0; at < users; at += group) {
    const ids = Array.from({ length: group }, () => systemIds.next());
    for (let version = 1; version <= eventsOfEach; version += 1) {
      await collection.insertMany(
        ids.map((id) => userEvent(id, version)),
        { ordered: false },
      );
    }
  }
}

async function drainWithProjector(db: Db, collection: Collection<StoredEvent>, begin: Timestamp) {
  const snapshots = await emptyCollection(db, 'Users');
  const checkpointDocuments = db.collection<CheckpointDocument>('Checkpoints');
  await checkpointDocuments.replaceOne(
    { _id: 'bench' },
    { startedAt: begin, clusterTime: begin, savedAt: new Date() },
    { upsert: true },
  );
  const batches: (readonly DocumentWrite[])[] = [];
  const documents = recording(mongoDocuments(snapshots), batches);
  const projector = createProjector({
    models: [{ projection: userProjection, documents }],
    held: mongoHeldSubjects(db.collection<HeldDocument>('Held')),
    clock: systemClock,
    log: silent,
    owner: storedEventsOf(collection),
  });
  let done = () => {};
  const drained = new Promise<void>((resolve) => {
    done = resolve;
  });
  const feed = changeStreamFeed({
    name: 'bench',
    source: 'user-events',
    collection,
    checkpoints: mongoCheckpoints(db, checkpointDocuments),
    limits: feedLimits(benchSettings()),
    log: silent,
    catchUp: async () => {},
  });
  let applied = 0;
  const begun = performance.now();
  const handle = await feed.start(async (items) => {
    applied += (await projector.apply(items)).applied;
    if (applied >= events) done();
  });
  await drained;
  const ms = performance.now() - begun;
  await handle.close();
  return { ms, batches };
}

async function drainBare(
  db: Db,
  collection: Collection<StoredEvent>,
  begin: Timestamp,
  batches: readonly (readonly DocumentWrite[])[],
): Promise<number> {
  const documents = mongoDocuments(await emptyCollection(db, 'Bare'));
  const { batchEventsMax } = feedLimits(benchSettings());
  const begun = performance.now();
  const stream = collection.watch(insertsOnly, {
    startAtOperationTime: begin,
    ...eventsAsBytes,
    batchSize: batchEventsMax,
  });
  let read = 0;
  let written = 0;
  for await (const _change of stream) {
    read += 1;
    const due = Math.floor((read * batches.length) / events);
    for (; written < due; written += 1) await documents.write(batches[written] ?? []);
    if (read === events) break;
  }
  const ms = performance.now() - begun;
  await stream.close();
  return ms;
}

function recording(documents: Documents, batches: (readonly DocumentWrite[])[]): Documents {
  return {
    read: documents.read,
    async write(writes) {
      batches.push(writes);
      await documents.write(writes);
    },
  };
}

async function emptyCollection(db: Db, name: string): Promise<Collection<StoredDocument>> {
  await db.dropCollection(name).catch(() => undefined);
  return db.createCollection<StoredDocument>(name);
}
