// Goal: user-service never changes a database in which a team has collections of its own; it knows its own collections, those of
// earlier releases too, and marks them. Method: collections as teams make them, by a plain driver client; the whole database is
// compared before and after a start that is refused, and the team goes on inserting.
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { startService } from 'foldline';
import { createLogger } from 'foldline/fastify';
import { collectionMark, envelopeSchema } from 'foldline/mongodb';
import { remedyBlocks, testMongodbUri, uniqueDatabaseName, wholeDatabase } from 'foldline/testing/workspace';
import { type Db, type Document, Long, MongoClient, Timestamp } from 'mongodb';
import { openAdoptionWorld } from '../operator/adoption/testing/adoption-world.ts';
import { openImportWorld } from '../operator/testing/verb-runs.ts';
import { readConfig, userService } from './service.ts';
import { refusedStart, startServiceProcess } from './testing/service-process.ts';
import { startTestUserService } from './testing/started-user-service.ts';

jest.setTimeout(60_000);

let client: MongoClient;
let db: Db;
let env: Readonly<Record<string, string>>;
beforeEach(async () => {
  client = await new MongoClient(testMongodbUri()).connect();
  db = client.db(uniqueDatabaseName('team'));
  env = { MONGODB_URI: testMongodbUri(), USERS_DATABASE: db.databaseName, LOG_LEVEL: 'silent' };
});
afterEach(async () => {
  await db.dropDatabase();
  await client.close();
});

const start = () => startService(userService, readConfig(env), createLogger({ name: 'test', level: 'silent' }));
const inserted = (name: string, ...documents: Document[]) => db.collection<Document>(name).insertMany(documents);

type Case = [what: string, name: string, make: () => Promise<unknown>, said: RegExp];
const theirs: Case[] = [
  [
    'events of their own kind',
    'UserEvents',
    () => inserted('UserEvents', { kind: 'login' }, { kind: 'logout' }),
    /_id/,
  ],
  ['one event alone', 'UserEvents', () => inserted('UserEvents', { kind: 'login' }), /did not write/],
  [
    'users with ids of the driver',
    'Users',
    () => inserted('Users', { name: 'Ada' }),
    /did not write, one with the _id/,
  ],
  ['users with text for ids', 'Users', () => inserted('Users', { _id: 'ada', version: 1, state: 'on' }), /"ada"/],
  ['held things', 'Held', () => inserted('Held', { _id: 'a', since: new Date() }), /Held holds/],
  ['completeness of a form', 'Completeness', () => inserted('Completeness', { share: 3 }), /Completeness holds/],
  ['offsets of a printer', 'Offsets', () => inserted('Offsets', { partitions: 3 }), /Offsets holds/],
  ['checkpoints of a game', 'Checkpoints', () => inserted('Checkpoints', { level: 3 }), /Checkpoints holds/],
  ['pauses', 'Pauses', () => inserted('Pauses', { _id: 7 }), /_id 7/],
  ['imports', 'Imports', () => inserted('Imports', { file: 'a.csv' }), /Imports holds/],
  ['address clashes', 'AddressClashes', () => inserted('AddressClashes', { a: 1 }), /AddressClashes holds/],
  ['a view', 'Users', () => db.createCollection('Users', { viewOn: 'People', pipeline: [] }), /Users is a view/],
  [
    'a time series',
    'UserEvents',
    () => db.createCollection('UserEvents', { timeseries: { timeField: 'at' } }),
    /UserEvents is a timeseries/,
  ],
  [
    'a capped collection',
    'UserEvents',
    () => db.createCollection('UserEvents', { capped: true, size: 4096 }),
    /with the option capped/,
  ],
  [
    'an empty collection with another collation',
    'Users',
    () => db.createCollection('Users', { collation: { locale: 'en', strength: 2 } }),
    /with the option collation/,
  ],
  [
    'an empty collection with an index',
    'Users',
    () => db.collection('Users').createIndex({ email: 1 }, { unique: true }),
    /is empty and has an index email_1/,
  ],
  [
    'an empty collection with a validator',
    'UserEvents',
    () => db.createCollection('UserEvents', { validator: { kind: { $exists: true } } }),
    /has a validator of its own/,
  ],
];

test.each(theirs)('refused, and nothing changed: %s', async (_, name, make, said) => {
  await make();
  const before = await wholeDatabase(db);
  const refused = start();
  await expect(refused).rejects.toThrow(said);
  await expect(refused).rejects.toThrow(new RegExp(`database ${db.databaseName}.*${name}.*USERS_DATABASE.*adopt`));
  expect(await wholeDatabase(db)).toEqual(before);
});

test('troubleshooting: user-service did not start: The database users has collections that Foldline did not make', async () => {
  const world = await openAdoptionWorld();
  const team = client.db(world.env.USERS_DATABASE as string);
  await team.collection('Users').insertMany([{ mail: 'ada@example.org', name: 'Ada Lovelace' }]);
  const before = await wholeDatabase(team);
  const [name, connectors = '', adoption] = remedyBlocks(
    'user-service did not start: The database users has collections that Foldline did not make',
  ).map((block) => block.trim());
  const refused = await refusedStart({ ...env, USERS_DATABASE: team.databaseName });
  expect(refused.code).toBe(1);
  expect(refused.said).toMatch(
    /^user-service did not start: The database .* did not make, and nothing was changed: Users /,
  );
  expect(refused.said.split('\n')).toHaveLength(1);
  // A command line that opens the same database refuses it too, and says the same.
  const args = /adopt (.*)$/s.exec(adoption?.replaceAll('users.', `${team.databaseName}.`) ?? '')?.[1] as string;
  const words = [...args.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? (bare as string));
  expect(await world.run([...words, '--yes'])).toMatchObject({ code: 1, err: expect.stringContaining('did not make') });
  expect(await wholeDatabase(team)).toEqual(before);

  await expect(databasesAfter(connectors)).resolves.toEqual([
    ['foldline_users', '{"foldline_users.UserEvents":"user-events"}'],
    ['foldline_users', '{"foldline_users.Users":"user-snapshots"}'],
  ]);
  expect(name).toBe('export USERS_DATABASE=foldline_users');
  const own = uniqueDatabaseName('foldline');
  expect(await world.run([...words, '--yes'], { env: { ...world.env, USERS_DATABASE: own } })).toMatchObject({
    code: 0,
  });
  const service = await startServiceProcess({ ...env, USERS_DATABASE: own, LOG_LEVEL: 'info' });
  try {
    const adopted = await client.db(own).collection('UserEvents').findOne();
    expect(adopted?.data).toMatchObject({ firstName: 'Ada', email: 'ada@example.org' });
    expect((await fetch(`${service.url}/users/${String(adopted?.subject).slice('user-'.length)}`)).status).toBe(200);
    expect(await wholeDatabase(team)).toEqual(before);
  } finally {
    await service.stop();
    await client.db(own).dropDatabase();
    await world.close();
  }
});

/** What the connector files of users name once the command was carried out on a copy of them. */
async function databasesAfter(command: string): Promise<string[][]> {
  const folder = await mkdtemp(join(tmpdir(), 'foldline-connectors-'));
  try {
    await cp(resolve('connect/connectors'), join(folder, 'connect/connectors'), { recursive: true });
    await promisify(execFile)('bash', ['-ec', command], { cwd: folder });
    const files = ['user-events.json', 'user-snapshots.json'].map((name) => join(folder, 'connect/connectors', name));
    const configs = await Promise.all(files.map(async (file) => JSON.parse(await readFile(file, 'utf8')).config));
    return configs.map((config) => [config.database, config['topic.namespace.map']]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** As earlier releases made it: no marks, and a validator on the events alone. */
async function asOfEarlierRelease(of: Db): Promise<void> {
  for (const { name } of await of.listCollections({ type: 'collection' }).toArray())
    await of.command({ collMod: name, ...(name === 'UserEvents' ? formerValidation : { validator: {} }) });
  expect(await marksOf(of)).not.toContain(collectionMark);
}
const formerValidation = {
  validator: { $jsonSchema: envelopeSchema },
  validationLevel: 'strict',
  validationAction: 'error',
};

const marksOf = async (of: Db) =>
  (await of.listCollections().toArray()).map((one) => (one as Document).options.validator?.$comment);

test('every collection that a user-service makes has the mark, and keeps it over a rename', async () => {
  const service = await startTestUserService();
  const { id } = await service.createUser();
  // A snapshot that is written after the rename would make a collection of the former name.
  await service.snapshotAt(id, 1);
  expect(new Set(await marksOf(service.db))).toEqual(new Set([collectionMark]));
  await service.db.collection('Users').rename('Renamed');
  expect(await marksOf(service.db)).not.toContain(undefined);
  await service.close();
});

test('the collections of an earlier release are known, kept and marked, also by two processes at once', async () => {
  const service = await startTestUserService();
  const { id } = await service.createUser();
  await service.snapshotAt(id, 1);
  await service.db
    .collection<Document & { _id: string }>('Held')
    .insertOne({ _id: `user-${crypto.randomUUID()}`, reason: 'hole', since: new Date(), attempts: 1, seenVersion: 2 });
  await service.restart(async () => {
    await asOfEarlierRelease(service.db);
    const [first, second] = await Promise.all(
      [1, 2].map(() => startService(userService, readConfig(service.env), silent)),
    );
    for (const one of [first, second]) await one?.app.close().then(() => one.close());
  });
  expect(new Set(await marksOf(service.db))).toEqual(new Set([collectionMark]));
  expect((await service.call(`GET /users/${id}`)).status).toBe(200);
  await service.close();
});
const silent = createLogger({ name: 'test', level: 'silent' });

test('two processes that begin at once on an empty database both start', async () => {
  const [first, second] = await Promise.all([start(), start()]);
  for (const one of [first, second]) await one.app.close().then(() => one.close());
  expect(new Set(await marksOf(db))).toEqual(new Set([collectionMark]));
});

test.each([
  ['a lower', 400_000, 262_144],
  ['a higher', 262_144, 400_000],
])('an import from a shell with %s limit leaves the collections as the service made them', async (_, own, shell) => {
  const limit = (bytes: number) => ({ STORE_EVENT_BYTES_MAX: String(bytes) });
  const world = await openImportWorld();
  try {
    const users = client.db(world.env.USERS_DATABASE as string);
    const service = await startService(
      userService,
      readConfig({ ...env, ...limit(own), USERS_DATABASE: users.databaseName }),
      silent,
    );
    await service.app.close();
    await service.close();
    const before = (await wholeDatabase(users)).collections;
    const files = await world.files([{ $distinct_id: 1, $properties: { $email: 'a@x.org' } }], []);
    expect(await world.report(files, limit(shell))).toMatchObject({ people: { stored: 1 } });
    expect((await wholeDatabase(users)).collections).toEqual(before);
  } finally {
    await world.close();
  }
});

test('an empty collection that nobody gave a form is taken', async () => {
  await db.createCollection('Users');
  await db.createCollection('UserEvents');
  const service = await start();
  await service.app.close();
  await service.close();
  expect(await marksOf(db)).not.toContain(undefined);
});

test('an empty collection of an earlier release is known by an index of ours, whatever an operator or a release added', async () => {
  const [users, events] = [db.collection('Users'), db.collection('UserEvents')];
  await users.createIndex({ state: 1, _id: 1 }, { name: 'state_id' });
  await users.createIndex({ state: 1, mergedInto: 1, _id: 1 }, { name: 'state_merged_id' });
  await events.createIndex({ subject: 1, version: 1 }, { name: 'subject_version', unique: true });
  await events.createIndex({ time: 1 });
  const service = await start();
  await service.app.close();
  await service.close();
  expect(await marksOf(db)).not.toContain(undefined);
});

test('events that were restored without their indexes are known by what they are', async () => {
  const event = {
    specversion: '1.0',
    id: crypto.randomUUID(),
    source: '/user-service',
    type: 'userCreated_v2',
    version: 1,
    subject: `user-${crypto.randomUUID()}`,
    time: new Date(),
    data: { firstName: 'A', lastName: '', email: 'a@x.org' },
  };
  await inserted('UserEvents', { ...event, version: Long.fromNumber(1) });
  const service = await start();
  await service.app.close();
  await service.close();
  expect(await marksOf(db)).not.toContain(undefined);
});

test('a checkpoint of an earlier release is known', async () => {
  const at = new Timestamp({ t: 1, i: 1 });
  await inserted('Checkpoints', { _id: 'users', startedAt: at, clusterTime: at, savedAt: new Date() });
  const service = await start();
  await service.app.close();
  await service.close();
  expect(await marksOf(db)).not.toContain(undefined);
});

test('troubleshooting: Our own inserts into UserEvents fail with Document failed validation since Foldline was started once', async () => {
  // An earlier release installed its validator and, where they could be built, its indexes, before it looked.
  await inserted('UserEvents', { kind: 'login' });
  await db.command({ collMod: 'UserEvents', ...formerValidation });
  await db.collection('UserEvents').createIndex({ subject: 1, version: 1 }, { name: 'subject_version', unique: true });
  const claims = { unique: true, partialFilterExpression: { claims: { $exists: true } } };
  await db.collection('UserEvents').createIndex({ claims: 1 }, { name: 'claims', ...claims });
  await db.collection('UserEvents').createIndex({ type: 1, 'data.mergeId': 1 }, { name: 'merges' });
  await db.collection('Users').createIndex({ state: 1, mergedInto: 1, _id: 1 }, { name: 'state_merged_id' });
  await expect(inserted('UserEvents', { kind: 'logout' })).rejects.toThrow('Document failed validation');
  await expect(start()).rejects.toThrow('UserEvents holds documents that Foldline did not write');

  const [remedy = ''] = remedyBlocks(
    'Our own inserts into UserEvents fail with Document failed validation since Foldline was started once',
  );
  // As mongosh does: each line is awaited.
  const shell = {
    runCommand: (command: Document) => db.command(command),
    ...shellOf('UserEvents'),
    ...shellOf('Users'),
  };
  for (const line of remedy.trim().split('\n')) await new Function('db', `return ${line}`)(shell);
  await inserted('UserEvents', { kind: 'logout' }, { kind: 'login' });
  for (const name of ['UserEvents', 'Users'])
    expect((await db.collection(name).indexes()).map((index) => index.name)).toEqual(['_id_']);
});

const shellOf = (name: string) => ({
  [name]: { dropIndex: (index: string) => db.collection(name).dropIndex(index) },
});
