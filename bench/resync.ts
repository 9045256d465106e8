// A new consumer of users, on real Kafka and MongoDB: by the shop's own resync from snapshots, against the same consumer that
// folds the topic from its start. Both topics are written beforehand; the snapshots are one for each user, as compaction leaves
// them, and the newest event is known, as its owner would tell it.

import { customerProjection } from '@foldline/shopping-service/dist/src/customers/customer.js';
import { customerFromSnapshot } from '@foldline/shopping-service/dist/src/customers/customer-copy.js';
import { feedLimits, systemClock } from 'foldline/config';
import { createProjector, readModel, type StoredDocument } from 'foldline/engine';
import { type KafkaFeedLimits, kafkaFeed, kafkaSnapshots, kafkaTopicOffsets } from 'foldline/kafka';
import {
  copyFiguresIn,
  type HeldDocument,
  mongoDocuments,
  mongoHeldSubjects,
  mongoOwnOffsets,
  type OffsetsDocument,
} from 'foldline/mongodb';
import { createResync, createSnapshotIntake, type Intake, type Resync, snapshotsFirst } from 'foldline/operations';
import type { HandleItems } from 'foldline/running';
import type { Db, MongoClient } from 'mongodb';
import { benchSettings } from './config.ts';
import type { Result } from './report.ts';
import { eventsOfEach, topics, type Written, writeTopics } from './resync-topics.ts';
import { within } from './within.ts';

const silent = { info: () => {}, warn: () => {}, error: console.error };
/** The service's own default. */
const overlapMax = 5000;
/** Both ways take minutes at most, also with all customers on a busy machine. */
const fillMsMax = 1_200_000;

export async function benchResync(brokers: readonly string[], client: MongoClient, users: number): Promise<Result> {
  const written = await writeTopics(brokers, users);
  const db = client.db('bench_resync');
  const seconds = { log: 0, snapshots: 0 };
  for (const way of ['log', 'snapshots'] as const) {
    await db.dropDatabase();
    seconds[way] = (await fill(brokers, db, written, way)) / 1000;
    await expectAll(db, users);
  }
  await db.dropDatabase();
  const ratio = seconds.log / seconds.snapshots;
  return {
    bench: `resync: ${users} customers with ${users * eventsOfEach} events behind them, real Kafka`,
    figures: [
      { what: "from the topic's start, until every customer is right", value: seconds.log, unit: 's' },
      {
        what: 'from snapshots, until every customer is right and the place committed',
        value: seconds.snapshots,
        unit: 's',
      },
    ],
    claims: [{ what: "from the topic's start / from snapshots", value: ratio, aim: 'at least 5', met: ratio >= 5 }],
  };
}

/** Milliseconds until every user's last version is in its document, and no resync runs. */
async function fill(brokers: readonly string[], db: Db, written: Written, way: 'log' | 'snapshots'): Promise<number> {
  const documents = mongoDocuments(db.collection<StoredDocument>('customers'));
  const held = mongoHeldSubjects(db.collection<HeldDocument>('Held'));
  const model = readModel(customerProjection, documents);
  const projector = createProjector({ models: [model], held, clock: systemClock, log: silent });
  const intake = createSnapshotIntake({
    documents,
    held,
    asDocument: customerFromSnapshot,
    clock: systemClock,
    log: silent,
  });
  const arrived = arrivals(written.users);
  const groupId = `bench-${way}-${process.pid}`;
  const connection = {
    brokers,
    clientId: 'bench',
    log: silent,
    security: {},
    batchBytesMax: 16_777_216,
    groupId,
    limits: limits(),
  };
  const own = mongoOwnOffsets(db.collection<OffsetsDocument>('Offsets'));
  const resync = createResync({
    offsets: kafkaTopicOffsets(connection, own),
    topics: [
      {
        topic: topics.events,
        overlapMax,
        takeIn: snapshotsFirst({
          topic: topics.events,
          snapshots: kafkaSnapshots({ ...connection, topic: topics.snapshots }),
          intake: (records) => intake(records).then((taken: Intake) => arrived.saw(taken.versions) ?? taken),
          owner: async () => ({
            newestUnheld: written.newest,
            complete: true,
            held: [],
            moreHeld: false,
            figures: { subjects: written.users, versions: written.users * eventsOfEach },
          }),
          logRecords: async () => written.users * eventsOfEach,
          copies: () => copyFiguresIn(db.collection<StoredDocument>('customers'), { state: 'available' }, fillMsMax),
          holdAsOwner: async () => {},
          newestWaitMs: 30_000,
          nowMs: Date.now,
          log: silent,
        }),
      },
    ],
    limits: { progressEveryMs: 5000 },
    clock: systemClock,
    log: silent,
  });
  const handle: HandleItems = async (items) => arrived.saw((await projector.apply(items)).versions);
  const begun = performance.now();
  const prepare = way === 'snapshots' ? resync.ensure : undefined;
  const feed = await kafkaFeed({ ...connection, topics: [topics.events], own, prepare }).start(handle);
  try {
    await within(fillMsMax, () => `last version of ${arrived.left()} of ${written.users} customers`, arrived.all);
    if (prepare) await settled(resync, begun + fillMsMax);
    return performance.now() - begun;
  } finally {
    await feed.close();
  }
}

function limits(): KafkaFeedLimits {
  return {
    sessionTimeoutMs: 10_000,
    heartbeatEveryMs: 2000,
    fetchBytesMax: 2_097_152,
    partitionsAtOnceMax: 3,
    silentAfterMs: 30_000,
    retry: feedLimits(benchSettings()).retry,
  };
}

/** Resolves once each of `users` was seen at its last version. */
function arrivals(users: number) {
  const there = new Set<string>();
  let done = () => {};
  const all = new Promise<void>((resolve) => {
    done = resolve;
  });
  return {
    all,
    left: () => users - there.size,
    saw(versions: ReadonlyMap<string, number>): undefined {
      for (const [subject, version] of versions) if (version === eventsOfEach) there.add(subject);
      if (there.size === users) done();
    },
  };
}

async function settled(resync: Resync, untilMs: number): Promise<void> {
  while (!resync.isSettled()) {
    if (performance.now() > untilMs) throw new Error('every customer is right, and the place was not committed');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Not only seen: stored. @throws Error with the number that is there */
async function expectAll(db: Db, users: number): Promise<void> {
  const right = await db.collection('customers').countDocuments({ version: eventsOfEach, state: 'available' });
  if (right !== users) throw new Error(`${right} of ${users} customers are right`);
}
