// Goal: whatever happens to an insert or a commit, the caller learns what became of it, and nothing is doubled.
// Method: failpoints on the server, answers lost on the way, a key blocked by somebody's open transaction; then each answer is
// compared with what is stored. The only file that may use `failCommand`: the server has one for all.
import { randomUUID } from 'node:crypto';
import type { Collection, MongoClient, MongoClientOptions } from 'mongodb';
import { type AppendResult, type EventStore, isFailure, type StoredEvent } from '../../../engine/index.ts';
import {
  type LossyProxy,
  openTestDatabase,
  startLossyProxy,
  type TestDatabase,
  testMongodbUri,
  until,
} from '../../../testing/workspace/index.ts';
import { named, newThing, noted } from '../../contract/things.ts';
import { failCommand, openTestStore } from './test-store.ts';

jest.setTimeout(20_000);

// A server that says it is shutting down says so in its monitoring too; a failpoint does not, and a driver that only listens
// would wait ten seconds for news of it.
const polling: MongoClientOptions = { serverMonitoringMode: 'poll', heartbeatFrequencyMS: 500 };

let database: TestDatabase;
let client: MongoClient;
let store: EventStore;
/** The same with few tries, for faults that do not end. */
let impatient: EventStore;
let events: Collection<StoredEvent>;
let proxy: LossyProxy;

beforeAll(async () => {
  database = await openTestDatabase();
  client = await database.connect(polling);
  ({ store, events } = await openTestStore(database, client, { insertMs: 300 }));
  impatient = (await openTestStore(database, client, { insertMs: 300, triesMax: 2 })).store;
  proxy = await startLossyProxy(testMongodbUri());
});
afterEach(() => database.client.db('admin').command({ configureFailPoint: 'failCommand', mode: 'off' }));
afterAll(async () => {
  await database.close();
  await proxy.close();
});

type Outcome = AppendResult['kind'] | 'overloaded';

async function outcomeOf(append: Promise<AppendResult>): Promise<Outcome> {
  try {
    return (await append).kind;
  } catch (error) {
    if (isFailure(error, 'overloaded')) return 'overloaded';
    throw error;
  }
}

/** The server tries it again and again as long as the transaction that holds its key is open. */
async function someInsertIsBlocked(): Promise<boolean> {
  const own = { readConcern: { level: 'local' } } as const;
  const blocked = { ns: events.namespace, op: 'insert', writeConflicts: { $gt: 0 } };
  const admin = database.client.db('admin');
  return (await admin.aggregate([{ $currentOp: {} }, { $match: blocked }], own).toArray()).length > 0;
}

const countOf = (event: StoredEvent) => events.countDocuments({ subject: event.subject, id: event.id });

/** Appends at once: many lone events, and pairs of which only one can win. Every answer must agree with what is stored. */
async function storm(into: EventStore = store): Promise<Outcome[]> {
  const lone = Array.from({ length: 12 }, (_, n) => (n % 3 ? noted(newThing(), 1) : named(newThing(), 1, newThing())));
  const rivals = Array.from({ length: 4 }, newThing).flatMap((subject) => [noted(subject, 1), noted(subject, 1)]);
  const all = [...lone, ...rivals];
  const outcomes = await Promise.all(all.map((event) => outcomeOf(into.append([event]))));
  for (const [i, event] of all.entries()) await agree(event, outcomes[i] as Outcome);
  for (const outcome of outcomes.slice(0, lone.length)) expect(['stored', 'overloaded']).toContain(outcome);
  return outcomes;
}

async function agree(event: StoredEvent, outcome: Outcome): Promise<void> {
  const count = await countOf(event);
  if (outcome === 'stored') expect([outcome, count]).toEqual([outcome, 1]);
  else if (outcome === 'overloaded') expect(count).toBeLessThanOrEqual(1);
  else expect([outcome, count]).toEqual([outcome, 0]);
}

const insertFaults: readonly [string, object][] = [
  ['the connection closed', { closeConnection: true }],
  ['50 MaxTimeMSExpired', { errorCode: 50 }],
  ['112 WriteConflict', { errorCode: 112 }],
  ['11600 InterruptedAtShutdown', { errorCode: 11600 }],
  ['91 ShutdownInProgress', { errorCode: 91 }],
  ['10107 NotWritablePrimary', { errorCode: 10107 }],
  ['13 Unauthorized', { errorCode: 13 }],
  ['a write concern that failed', { writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' } }],
  ['a write concern that failed at shutdown', { writeConcernError: { code: 91, errmsg: 'shutting down' } }],
];

describe('one event', () => {
  test.each(insertFaults)('insert answered by %s, now and then', async (_, fault) => {
    for (const times of [1, 3]) {
      await failCommand(database, client, times, { failCommands: ['insert'], ...fault });
      const outcomes = await storm();
      expect(outcomes.filter((outcome) => outcome === 'overloaded')).toEqual([]);
      expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(16);
    }
  });

  test.each(insertFaults)('insert answered by %s, every time: bounded, and never a wrong answer', async (_, fault) => {
    await failCommand(database, client, 'always', { failCommands: ['insert'], ...fault });
    const startMs = Date.now();
    const outcomes = await storm('writeConcernError' in fault ? store : impatient);
    expect(Date.now() - startMs).toBeLessThan(8000);
    // A failed write concern comes after the write: it is there, and reading by majority tells so.
    const expected = 'writeConcernError' in fault ? 'stored' : 'overloaded';
    expect(outcomes.slice(0, 12)).toEqual(Array(12).fill(expected));
  });

  test.each([1, 2, 3, 5])('the answer to the insert lost on the way, %d times', async (times) => {
    const { store: behindProxy } = await openTestStore(database, await database.connect(polling, proxy.uri));
    const lost = proxy.lose('insert', times);
    const outcomes = await storm(behindProxy);
    expect(lost()).toBeGreaterThan(0);
    expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(16);
  });

  test('reading fails too: the answer waits for a reading that works', async () => {
    await failCommand(database, client, 6, { failCommands: ['insert', 'find'], errorCode: 11600 });
    const outcomes = await storm();
    expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(16);
  });

  test('a repeat after overloaded stores it once', async () => {
    const event = named(newThing(), 1, newThing());
    const end = await failCommand(database, client, 'always', { failCommands: ['insert'], errorCode: 50 });
    expect(await outcomeOf(impatient.append([event]))).toBe('overloaded');
    await end();
    expect(await outcomeOf(store.append([event]))).toBe('stored');
    expect(await outcomeOf(store.append([event]))).toBe('stored');
    expect(await countOf(event)).toBe(1);
  });

  // The hazard: one open transaction on one key stops an unordered insert of a hundred unrelated callers.
  test('keys blocked by an open transaction hold up their own callers only, and for a bounded time', async () => {
    const stranger = client.startSession();
    const all = Array.from({ length: 48 }, () => noted(newThing(), 1));
    const blocked = new Set(all.filter((_, i) => i % 8 === 3));
    try {
      stranger.startTransaction();
      await client
        .db(database.db.databaseName)
        .collection<StoredEvent>('Events')
        .insertMany(
          [...blocked].map((event) => ({ ...event, id: randomUUID() })),
          { session: stranger },
        );
      const startMs = Date.now();
      const ends = all.map(async (event) => ({
        event,
        outcome: await outcomeOf(store.append([event])),
        afterMs: Date.now() - startMs,
      }));
      for (const { event, outcome, afterMs } of await Promise.all(ends)) {
        const isBlocked = blocked.has(event);
        expect({ isBlocked, outcome }).toEqual({ isBlocked, outcome: isBlocked ? 'overloaded' : 'stored' });
        expect(afterMs).toBeLessThan(isBlocked ? 4000 : 2000);
        await agree(event, outcome);
      }
    } finally {
      await stranger.abortTransaction();
      await stranger.endSession();
    }
    const again = await Promise.all([...blocked].map((event) => outcomeOf(store.append([event]))));
    expect(again).toEqual(again.map(() => 'stored'));
  });

  // A write concern that failed says nothing about the durability of what it wrote: the answer comes from a majority read.
  test('what was written without its write concern is answered after reading it', async () => {
    const sent: string[] = [];
    const watched = await database.connect({ ...polling, monitorCommands: true });
    const { store: watchedStore } = await openTestStore(database, watched);
    const fault = { failCommands: ['insert'], writeConcernError: { code: 64, errmsg: 'timed out' } };
    await failCommand(database, watched, 1, fault);
    watched.on('commandStarted', ({ commandName }) => sent.push(commandName));
    expect(await outcomeOf(watchedStore.append([noted(newThing(), 1)]))).toBe('stored');
    expect(sent.slice(0, 2)).toEqual(['insert', 'find']);
  });

  test('a blocked key whose transaction commits is a conflict with the version that came of it', async () => {
    const stranger = client.startSession();
    const subject = newThing();
    stranger.startTransaction();
    await client
      .db(database.db.databaseName)
      .collection<StoredEvent>('Events')
      .insertOne({ ...noted(subject, 1) }, { session: stranger });
    const appending = store.append([noted(subject, 1)]);
    await until(someInsertIsBlocked);
    await stranger.commitTransaction();
    await stranger.endSession();
    expect(await appending).toEqual({ kind: 'version-conflict', subject, currentVersion: 1 });
  });
});

describe('several events', () => {
  const together = () => {
    const [one, other] = [newThing(), newThing()];
    return [named(one, 1, newThing()), noted(one, 2), noted(other, 1)];
  };

  async function allOrNone(members: readonly StoredEvent[], outcome: Outcome): Promise<void> {
    const counts = await Promise.all(members.map(countOf));
    expect(counts).toEqual(members.map(() => counts[0]));
    if (outcome !== 'overloaded') expect(counts[0]).toBe(outcome === 'stored' ? 1 : 0);
  }

  const faults: readonly [string, object][] = [
    ['the connection closed', { closeConnection: true }],
    ['50 MaxTimeMSExpired', { errorCode: 50 }],
    ['112 with its transient label', { errorCode: 112, errorLabels: ['TransientTransactionError'] }],
    ['251 NoSuchTransaction', { errorCode: 251, errorLabels: ['TransientTransactionError'] }],
    ['91 ShutdownInProgress', { errorCode: 91 }],
    ['an unknown result', { errorCode: 11602, errorLabels: ['UnknownTransactionCommitResult'] }],
    ['a write concern that failed', { writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' } }],
  ];

  test.each(faults)('commit answered by %s, now and then', async (_, fault) => {
    for (const times of [1, 4]) {
      await failCommand(database, client, times, { failCommands: ['commitTransaction'], ...fault });
      const members = together();
      const outcome = await outcomeOf(store.append(members));
      expect(outcome).toBe('stored');
      await allOrNone(members, outcome);
    }
  });

  test.each(faults)('commit answered by %s, every time', async (_, fault) => {
    await failCommand(database, client, 'always', { failCommands: ['commitTransaction'], ...fault });
    const members = together();
    const startMs = Date.now();
    const outcome = await outcomeOf(impatient.append(members));
    expect(Date.now() - startMs).toBeLessThan(8000);
    await allOrNone(members, outcome);
    expect(outcome).toBe('writeConcernError' in fault ? 'stored' : 'overloaded');
  });

  test.each(['insert', 'commitTransaction'])('the answer to %s lost on the way', async (command) => {
    const { store: behindProxy } = await openTestStore(database, await database.connect(polling, proxy.uri));
    for (const times of [1, 2, 4]) {
      const members = together();
      const lost = proxy.lose(command, times);
      const outcome = await outcomeOf(behindProxy.append(members));
      expect(lost()).toBeGreaterThan(0);
      expect(outcome).toBe('stored');
      await allOrNone(members, outcome);
    }
  });

  test('a commit that nobody heard of, and a rival behind it: stored is stored', async () => {
    const { store: behindProxy } = await openTestStore(database, await database.connect(polling, proxy.uri));
    const members = together();
    proxy.lose('commitTransaction', 2);
    const [outcome] = await Promise.all([
      outcomeOf(behindProxy.append(members)),
      ...Array.from({ length: 5 }, () => store.append([noted(members[0]?.subject ?? '', 3)])),
    ]);
    expect(outcome).toBe('stored');
    await allOrNone(members, outcome);
  });

  test('commands over the same subjects at once: one wins each round, none is left open', async () => {
    const [one, other] = [newThing(), newThing()];
    for (let version = 1; version <= 5; version += 1) {
      const rivals = Array.from({ length: 8 }, (_, n) => {
        const pair = [noted(one, version), noted(other, version)];
        return n % 2 ? pair : pair.toReversed();
      });
      const outcomes = await Promise.all(rivals.map((members) => outcomeOf(store.append(members))));
      expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === 'version-conflict')).toHaveLength(7);
      for (const [i, members] of rivals.entries()) await allOrNone(members, outcomes[i] as Outcome);
    }
  });
});
