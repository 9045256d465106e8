// Goal: on a client that somebody else made, Foldline writes and reads as on its own, or refuses the client by the name of the option.
// Method: clients with what people set, on a real mongod; the commands that reach the server, and the values that come back.
import { type CommandStartedEvent, Long, MongoClient, type MongoClientOptions } from 'mongodb';
import type { StoredEvent } from '../../engine/index.ts';
import { openTestDatabase, type TestDatabase, testMongodbUri } from '../../testing/workspace/index.ts';
import { insertTogether } from './event-store/insert-together.ts';
import { useGivenClient } from './given-client.ts';

let database: TestDatabase;
const clients: MongoClient[] = [];

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
afterEach(() => Promise.all(clients.splice(0).map((client) => client.close())));

function clientWith(options: MongoClientOptions = {}, more = ''): MongoClient {
  const uri = testMongodbUri();
  const address = more ? `${uri}${uri.includes('?') ? '&' : '?'}${more}` : uri;
  const client = new MongoClient(address, { serverSelectionTimeoutMS: 5000, monitorCommands: true, ...options });
  clients.push(client);
  return client;
}

/** The commands of one name that the client sends. */
function sentBy(client: MongoClient, name: string): CommandStartedEvent['command'][] {
  const sent: CommandStartedEvent['command'][] = [];
  client.on('commandStarted', ({ commandName, command }) => {
    if (commandName === name) sent.push(command);
  });
  return sent;
}

/** Not `secondary`: a replica set of one has none, and such a client does not connect. */
const weaker: [string, MongoClientOptions, string][] = [
  ['w: 1 without a journal', { writeConcern: { w: 1, journal: false } }, ''],
  ['w: 0', { w: 0 }, ''],
  ['a limit for the concern', { wtimeoutMS: 1 }, ''],
  ['local reads', { readConcern: { level: 'local' } }, ''],
  ['linearizable reads', { readConcernLevel: 'linearizable' }, ''],
  ['secondaries', { readPreference: 'secondaryPreferred' }, ''],
  ['secondaries with tags', { readPreference: 'secondaryPreferred', readPreferenceTags: [{ use: 'reports' }] }, ''],
  ['secondaries and staleness', { readPreference: 'nearest', maxStalenessSeconds: 120 }, ''],
  ['all of it in the address', {}, 'w=1&journal=false&readConcernLevel=local&readPreference=secondaryPreferred'],
];

test.each(weaker)('majority, journalled and from the primary, on a client with %s', async (_what, options, more) => {
  const client = clientWith(options, more);
  const db = (await useGivenClient(client)).db(database.db.databaseName);
  const [inserts, finds, aggregates] = ['insert', 'find', 'aggregate'].map((name) => sentBy(client, name));
  await db.collection('things').insertOne({ n: 1 });
  await db.collection('things').find().toArray();
  await db
    .collection('things')
    .aggregate([{ $match: {} }])
    .toArray();
  expect(inserts?.[0]?.writeConcern).toEqual({ w: 'majority', j: true });
  for (const sent of [...(finds ?? []), ...(aggregates ?? [])]) {
    expect(sent.readConcern).toEqual({ level: 'majority' });
    expect(sent.$readPreference?.mode ?? 'primary').toBe('primary');
  }
});

test.each(weaker)('a transaction and a change stream, on a client with %s', async (_what, options, more) => {
  const client = clientWith(options, more);
  const use = await useGivenClient(client);
  const events = use.db(database.db.databaseName).collection<StoredEvent>('together');
  const stream = events.watch([{ $match: { operationType: 'insert' } }]);
  await stream.tryNext();
  const commits = sentBy(client, 'commitTransaction');
  const id = `thing-${clients.length}-${Math.random()}`;
  const members = [{ _id: `${id}/1`, n: 1 }] as unknown as StoredEvent[];
  expect(await insertTogether(use, events, members, 5000, () => undefined)).toBe(true);
  expect(commits[0]?.writeConcern).toMatchObject({ w: 'majority', j: true });
  const change = await stream.next();
  expect(change).toMatchObject({ operationType: 'insert', fullDocument: { _id: `${id}/1`, n: 1 } });
  await stream.close();
});

test.each<[string, MongoClientOptions]>([
  ['promoteValues: false', { promoteValues: false }],
  ['promoteLongs: false', { promoteLongs: false }],
  ['useBigInt64', { useBigInt64: true }],
  ['promoteBuffers', { promoteBuffers: true }],
  ['bsonRegExp', { bsonRegExp: true }],
  ['raw', { raw: true }],
  ['ignoreUndefined: false', { ignoreUndefined: false }],
  ['serializeFunctions', { serializeFunctions: true }],
  ['enableUtf8Validation: false', { enableUtf8Validation: false }],
  ['fieldsAsRaw', { fieldsAsRaw: { text: true } }],
  ['forceServerObjectId', { forceServerObjectId: true }],
  ['retryReads', { retryReads: true }],
  ['a server API', { serverApi: '1' }],
  ['compression', { compressors: ['zlib'] }],
  ['a pool of one', { maxPoolSize: 1 }],
])('values come back as the types that Foldline knows, on a client with %s', async (_what, options) => {
  const db = (await useGivenClient(clientWith(options))).db(database.db.databaseName);
  const things = db.collection<{ _id: string; [key: string]: unknown }>('values');
  const _id = `value-${Math.random()}`;
  await things.insertOne({
    _id,
    n: 1,
    long: Long.fromNumber(5),
    text: 'a',
    bytes: Buffer.from('b'),
    left: undefined,
    pattern: /a/,
    act: () => 1,
  });
  const [found] = await things.find({ _id }).toArray();
  const [aggregated] = await things.aggregate([{ $match: { _id } }]).toArray();
  for (const one of [found, aggregated]) {
    expect(one).toMatchObject({ _id, n: 1, long: 5, text: 'a', pattern: /a/ });
    expect(Object.keys(one ?? {}).sort()).toEqual(['_id', 'bytes', 'long', 'n', 'pattern', 'text']);
    expect((one as { bytes: { _bsontype?: string } }).bytes._bsontype).toBe('Binary');
  }
});

test.each<[string, MongoClientOptions]>([
  ['retryWrites', { retryWrites: false }],
  ['retryReads', { retryReads: false }],
  ['serverApi', { serverApi: { version: '1', strict: true } }],
])('a client is refused by name for %s', async (name, options) => {
  await expect(useGivenClient(clientWith(options))).rejects.toThrow(
    new RegExp(
      `^The given MongoClient has options that Foldline cannot set for itself: ${name} \\(.*leave the client out and set MONGODB_URI`,
    ),
  );
});

test('every option at fault is named at once', async () => {
  const client = clientWith({ retryWrites: false, retryReads: false });
  await expect(useGivenClient(client)).rejects.toThrow(/retryWrites .*; retryReads /);
});

test('a client behind a load balancer is refused by name', async () => {
  const client = new MongoClient('mongodb://127.0.0.1:1/?loadBalanced=true');
  await expect(useGivenClient(client)).rejects.toThrow(/loadBalanced \(/);
});

test('a client that encrypts by itself is refused by name', async () => {
  // The driver makes such a client only beside a package with a native part: what stands in its options is put there by hand.
  const client = clientWith();
  Object.defineProperty(client, 'options', { value: { ...client.options, autoEncrypter: {} } });
  await expect(useGivenClient(client)).rejects.toThrow(/: autoEncryption \(events would be stored in another form/);
});

test('a client whose server does not answer is refused in words', async () => {
  const client = new MongoClient('mongodb://127.0.0.1:1/', { serverSelectionTimeoutMS: 100 });
  await expect(useGivenClient(client)).rejects.toThrow(/^No MongoDB answered through the given MongoClient/);
  await client.close();
});

test('the client stays open, and as it was for its owner', async () => {
  const client = clientWith({ writeConcern: { w: 1 }, promoteLongs: false });
  const use = await useGivenClient(client);
  await use.close();
  const own = client.db(database.db.databaseName).collection('own');
  const inserts = sentBy(client, 'insert');
  await own.insertOne({ n: Long.fromNumber(7) });
  expect(inserts[0]?.writeConcern).toEqual({ w: 1 });
  expect((await own.findOne())?.n).toBeInstanceOf(Long);
});
