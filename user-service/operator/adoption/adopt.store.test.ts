// Goal: a team's collection is adopted as docs/adopt-users.md says: one event for each document, however often the command is run and
// wherever it is killed, clashes told with both ids, and nothing of theirs touched. Method: whole command lines on a real store; the
// figures are counted from the documents by hand, and what is stored is read by a plain driver client and by the routes.
import { createHash } from 'node:crypto';
import { figure } from 'foldline/testing/workspace';
import { type Collection, type Document, type MongoClient, ObjectId } from 'mongodb';
import { startTestUserService } from '../../src/testing/started-user-service.ts';
import { type AdoptionWorld, openAdoptionWorld } from './testing/adoption-world.ts';

jest.setTimeout(600_000);

const people = figure({ usual: 2000, full: 50_000 });
const map = { firstName: 'profile.first', lastName: 'profile.last', email: 'mails.0', createdAt: 'since' };

let world: AdoptionWorld;
let client: MongoClient;
let theirs: Collection<Document>;
let args: readonly string[];
beforeEach(async () => {
  world = await openAdoptionWorld({ ADOPT_BATCH_DOCUMENTS_MAX: '200' });
  ({ client, theirs } = world);
  args = world.args(map);
});
afterEach(() => world.close());

const since = new Date('2024-03-01T09:00:00Z');
const person = (n: number, mail?: unknown): Document => ({
  _id: new ObjectId(),
  profile: { first: `Ada ${n}`, last: 'Lovelace', card: '4111' },
  since,
  ...(mail !== undefined && { mails: [mail] }),
});

/** Of a hundred, two have no address, one has somebody's before it, in another case, and one has a number for an address. */
const collectionOf = (count: number) =>
  Array.from({ length: count }, (_, n) => {
    const kind = n % 100;
    if (kind === 10 || kind === 11) return person(n);
    if (kind === 50) return person(n, `ADA.${n - 1}@example.org`);
    return person(n, kind === 70 ? n : `ada.${n}@example.org`);
  });
const counted = {
  documents: people,
  adopted: people * 0.98,
  emailTaken: people * 0.01,
  idTaken: 0,
  unfit: people * 0.01,
};

const report = (...more: string[]) => world.report([...args, ...more]);

/** Of every document, as it is stored. */
async function digestOfTheirs(): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of theirs.find({}, { raw: true, sort: { _id: 1 } })) hash.update(bytes as unknown as Buffer);
  return hash.digest('hex');
}

test(`${people} documents, killed twice: one event for each, both ids of each clash, nothing of theirs touched`, async () => {
  await theirs.insertMany(collectionOf(people));
  const [before, collections] = [await digestOfTheirs(), await client.db(theirs.dbName).listCollections().toArray()];
  for (const place of ['after-insert:2', 'before-insert:3'])
    expect(await world.start(args, { CRASH_AT: place }).ended).toMatchObject({ code: 'SIGKILL', out: '' });
  const stored = await world.events.countDocuments();
  expect(stored).toBeGreaterThan(0);
  const last = await report();
  expect(last).toMatchObject({ ...counted, adopted: counted.adopted - stored, adoptedBefore: stored });
  expect(await report()).toMatchObject({ ...counted, adopted: 0, adoptedBefore: counted.adopted });

  expect(await world.events.countDocuments()).toBe(counted.adopted);
  expect(await world.events.countDocuments({ type: 'userImported_v1', version: 1, time: since })).toBe(counted.adopted);
  expect(await world.events.distinct('subject')).toHaveLength(counted.adopted);
  const adopted = await world.leftOf('adopted.ndjson');
  expect(adopted).toHaveLength(counted.adopted);
  const skipped = await world.leftOf('skipped.ndjson');
  const userOf = new Map(adopted.map(({ document, userId }) => [document, userId]));
  const clashes = skipped.filter(({ outcome }) => outcome === 'email-taken');
  expect([skipped.length, clashes.length]).toEqual([counted.emailTaken + counted.unfit, counted.emailTaken]);
  const documents = await theirs.find({}, { sort: { _id: 1 } }).toArray();
  for (const { document, holder } of clashes) {
    const at = documents.findIndex(({ _id }) => `{"$oid":"${_id}"}` === document);
    expect(holder).toBe(userOf.get(`{"$oid":"${documents[at - 1]?._id}"}`));
  }
  expect(JSON.stringify(skipped)).not.toContain('example.org');
  expect([await digestOfTheirs(), await client.db(theirs.dbName).listCollections().toArray()]).toEqual([
    before,
    collections,
  ]);
});

test('a dry run tells what a run would do, and writes nothing anywhere', async () => {
  await theirs.insertMany(collectionOf(1000));
  const before = await client.db('admin').command({ listDatabases: 1, nameOnly: true });
  const dry = await report('--dry-run');
  expect(dry).toMatchObject({ documents: 1000, adopted: 980, emailTaken: 10, unfit: 10, dryRun: true });
  expect(dry.skipped).toHaveLength(20);
  expect([await client.db('admin').command({ listDatabases: 1, nameOnly: true }), await world.collections()]).toEqual([
    expect.objectContaining({ databases: before.databases }),
    [],
  ]);
  await expect(world.leftOf('report.json')).rejects.toThrow('ENOENT');
  const { adopted, emailTaken, unfit, skipped } = dry;
  expect(await report()).toMatchObject({ adopted, emailTaken, unfit, skipped });
});

test('users who are there keep their address and their id, and the adopted ones are users like any other', async () => {
  const service = await startTestUserService({ USERS_DATABASE: world.env.USERS_DATABASE as string });
  try {
    const grace = { firstName: 'Grace', lastName: 'Hopper', email: 'grace@example.org' };
    const { id } = (await service.call('POST /users', grace)).body as { id: string };
    const [clash, same, fresh] = [
      person(1, 'Grace@Example.org'),
      { ...person(2), _id: id },
      person(3, 'new@example.org'),
    ];
    await theirs.insertMany([clash, same, fresh] as Document[]);
    const { skipped } = await report();
    expect(skipped).toMatchObject([
      { document: JSON.stringify(id), outcome: 'id-taken', userId: id },
      { document: `{"$oid":"${clash._id}"}`, outcome: 'email-taken', holder: id },
    ]);
    const [line] = await world.leftOf('adopted.ndjson');
    const userId = line?.userId as string;
    const read = await service.call(`GET /users/${userId}?minVersion=1&replay=false`, undefined, { prefer: 'wait=10' });
    expect(read).toMatchObject({
      status: 200,
      body: { firstName: 'Ada 3', lastName: 'Lovelace', email: 'new@example.org', version: 1 },
    });
    expect((await service.call(`PATCH /users/${userId}`, { lastName: 'King' })).status).toBe(200);
    // What a user became since is no reason to adopt them again.
    expect(await report()).toMatchObject({ adopted: 0, adoptedBefore: 1 });
  } finally {
    await service.close();
  }
});

test('two documents with one id: the first is the user, the second is told, in a dry run and in every run', async () => {
  const keyed = (n: number): Document => ({ ...person(n, `key.${n}@example.org`), key: n < 300 ? n : n - 300 });
  await theirs.insertMany(Array.from({ length: 302 }, (_, n) => keyed(n)));
  const byKey = ['--map', JSON.stringify({ ...map, id: 'key' })];
  for (const more of [['--dry-run'], [], []]) {
    const { adopted, adoptedBefore, idTaken } = await report(...byKey, ...more);
    expect([adopted + adoptedBefore, idTaken]).toEqual([300, 2]);
  }
  expect(await world.events.countDocuments()).toBe(300);
});

test('a path that no document has is refused before anything is stored; a document that the store refuses stops no other', async () => {
  await theirs.insertMany([person(1, 'one@example.org'), { ...person(2, 'two@example.org'), since: new Date(-1e15) }]);
  const wrong = await world.run(world.args({ firstName: 'profile.frist', email: 'mails.0' }));
  const expected = `--map, firstName: no document of ${theirs.namespace} has profile.frist.`;
  expect([wrong.code, wrong.err]).toEqual([1, expected]);
  expect(await world.collections()).toEqual([]);
  expect(await report()).toMatchObject({ adopted: 1, unfit: 1, skipped: [{ field: 'createdAt' }] });
});

test.each([
  [['--from', 'nowhere'], 'is no <database>.<collection>'],
  [['--map', '{"fristName":"a"}'], 'fristName'],
])('%j is wrong usage, and nothing was stored', async (wrong, why) => {
  const { code, err } = await world.run([...args, ...wrong]);
  expect([code, err]).toEqual([2, expect.stringContaining(why)]);
  expect(await world.collections()).toEqual([]);
});

test('a collection that is not there is told with those that are; our own is no collection of theirs', async () => {
  await theirs.insertOne(person(1));
  const missing = await world.run(['--from', `${theirs.dbName}.people`, ...args.slice(2)]);
  expect([missing.code, missing.err]).toEqual([1, expect.stringContaining(`${theirs.dbName} has: customers`)]);
  const own = await world.run(['--from', `${world.env.USERS_DATABASE}.Users`, ...args.slice(2)]);
  expect([own.code, own.err]).toEqual([1, expect.stringContaining('USERS_DATABASE')]);
});

test('at a terminal it asks, and takes no for an answer; stopped by a signal it says how to go on', async () => {
  await theirs.insertMany(collectionOf(300));
  const refused = await world.run(args, { confirm: async () => false });
  expect([refused.code, refused.err, await world.collections()]).toEqual([
    1,
    expect.stringContaining('Nothing was stored.'),
    [],
  ]);
  const stopped = await world.run(args, { signal: AbortSignal.abort() });
  expect([stopped.code, stopped.err]).toEqual([130, expect.stringContaining('the same command goes on')]);
  const { code, out } = await world.run([...args, '--yes']);
  expect([code, out]).toEqual([
    0,
    expect.stringMatching(/documents read +300\nadopted +98\nadopted by an earlier run +196/),
  ]);
});
