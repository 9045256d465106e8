// Goal: an import is the same import from whichever machine and folder it is run, under the rules that it was begun with in that
// database, and one of its own in another. Method: whole command lines with several folders and databases of one server.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Db, type Document, MongoClient } from 'mongodb';
import { type ImportWorld, openImportWorld } from '../testing/verb-runs.ts';

jest.setTimeout(60_000);

let world: ImportWorld;
let client: MongoClient;
let users: Db;
let args: string[];
let elsewhere: { readonly DATA_DIR: string };
beforeEach(async () => {
  world = await openImportWorld();
  client = await new MongoClient(world.env.MONGODB_URI as string).connect();
  users = client.db(world.env.USERS_DATABASE);
  elsewhere = { DATA_DIR: join(world.folder, 'elsewhere') };
  const bare = { event: 'Opened', properties: { distinct_id: 2, time: 1_700_000_000 } };
  args = await world.files([{ $distinct_id: 1, $properties: { $email: 'a@x.org' } }], [bare, bare]);
});
afterEach(async () => {
  await client.close();
  await world.close();
});

const byContent = '--dedupe-by-content';

async function expectRefused(more: readonly string[], env: object, why: string): Promise<void> {
  for (const dry of [['--dry-run'], []]) {
    const { code, err } = await world.run([...args, ...more, ...dry], { env: { ...world.env, ...env } });
    expect([code, err]).toEqual([1, expect.stringContaining(why)]);
  }
}

test('hazard: from another machine under other rules no line is stored twice, and under the same an import that ended is a repeat', async () => {
  await world.report([...args, byContent]);
  await expectRefused([], elsewhere, `imported with --kind mixpanel ${byContent} before`);
  const again = await world.report([...args, byContent], elsewhere);
  expect(again).toMatchObject({ people: { stored: 0, repeats: 1 }, events: { stored: 0, repeats: 2 } });
});

test('hazard: a rehearsal under other rules into another database binds nobody, though its folder is the same', async () => {
  const rehearsal = { USERS_DATABASE: `${world.env.USERS_DATABASE}_staging` };
  try {
    expect(await world.report([...args, byContent], rehearsal)).toMatchObject({ events: { stored: 1 } });
    expect(await world.report(args)).toMatchObject({ people: { stored: 1 }, events: { stored: 2 } });
  } finally {
    await client.db(rehearsal.USERS_DATABASE).dropDatabase();
  }
});

test('hazard: what ended before a restore has ended after it; where the events are gone it begins anew', async () => {
  await world.report(args);
  const events = await world.events.find().toArray();
  await users.dropCollection('UserEvents');
  await world.events.insertMany(events);
  expect(await world.report(args)).toMatchObject({ people: { repeats: 1 }, events: { repeats: 2 } });
  await users.dropCollection('UserEvents');
  expect(await world.report(args)).toMatchObject({ people: { stored: 1 }, events: { stored: 2 } });
});

test('hazard: what the version before kept in its folder still holds, for the database that it was of', async () => {
  const { id, startedAt, finishedAt } = await world.report(args);
  const [begun] = await users.collection('Imports').find().toArray();
  const folder = join(world.env.DATA_DIR as string, 'imports', id);
  const asBefore = async (store: unknown) => {
    await users.collection('Imports').deleteMany({});
    await rm(folder, { recursive: true });
    await mkdir(folder, { recursive: true });
    const files: Record<string, Document> = {
      'import.json': { id, kind: 'mixpanel', dedupeByContent: false, startedAt },
      'storing.json': { store },
      'report.json': { finishedAt, store, conservation: { holds: true } },
    };
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), JSON.stringify(content));
  };
  await asBefore(begun?.store);
  await expectRefused([byContent], {}, 'imported with --kind mixpanel before');
  expect(await world.report(args)).toMatchObject({ startedAt, events: { stored: 0, repeats: 2 } });
  expect(await users.collection('Imports').find().toArray()).toEqual([begun]);
  await asBefore('another');
  expect(await world.report(args)).toMatchObject({ events: { stored: 2, repeats: 0 } });
});

test('hazard: a folder that cannot be written is told before anybody is asked and before anything is stored', async () => {
  const file = await world.file('a-file', []);
  const asked: string[] = [];
  const { code, err } = await world.run(args, {
    env: { ...world.env, DATA_DIR: join(file, 'data') },
    confirm: async (question) => asked.push(`${question}`) > 0,
  });
  expect([code, asked]).toEqual([1, []]);
  expect(err).toMatch(/The folder that DATA_DIR names cannot be used: ENOTDIR: .*a-file/);
  expect(await world.collections()).toEqual([]);
});
