// Goal: a collection is adopted by one id into one database, whoever runs it and from where, and into another database by any. Method:
// whole command lines with several folders and databases of one server; what is stored is counted by a plain driver client.
import { promises } from 'node:fs';
import { chmod, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Db, Document } from 'mongodb';
import { type AdoptionWorld, openAdoptionWorld } from './testing/adoption-world.ts';

jest.setTimeout(60_000);

let world: AdoptionWorld;
let users: Db;
let [byId, byKey]: string[][] = [];
let elsewhere: { readonly DATA_DIR: string };
beforeEach(async () => {
  world = await openAdoptionWorld();
  users = world.client.db(world.env.USERS_DATABASE);
  const map = { firstName: 'first', email: 'mail' };
  [byId, byKey] = [world.args(map), world.args({ ...map, id: 'key' })];
  elsewhere = { DATA_DIR: join(world.folder, 'elsewhere') };
  await world.theirs.insertMany([
    { _id: 1, key: 'a', first: 'Ada', mail: 'ada@example.org' } as Document,
    { _id: 2, key: 'b', first: 'Bob' } as Document,
  ]);
});
afterEach(() => world.close());

const name = () => `adopt-${world.theirs.namespace}`;
async function expectRefused(args: readonly string[] = [], ...why: readonly string[]): Promise<void> {
  const before = await world.events.find().sort({ _id: 1 }).toArray();
  for (const more of [['--dry-run'], []]) {
    const { code, out, err } = await world.run([...args, ...more], { env: { ...world.env, ...elsewhere } });
    expect([code, out]).toEqual([1, '']);
    for (const part of why) expect(err).toContain(part);
  }
  expect(await world.events.find().sort({ _id: 1 }).toArray()).toEqual(before);
}

test('hazard: from another machine with another id nobody is stored a second time, and both ids are told', async () => {
  expect(await world.report(byId ?? [])).toMatchObject({ adopted: 2 });
  await expectRefused(
    byKey,
    '"id":"_id"',
    '"id":"key"',
    'Go on with "id":"_id"',
    `delete ${name()} from the collection Imports`,
  );
  expect(await world.report(byId ?? [], elsewhere)).toMatchObject({ adopted: 0, adoptedBefore: 2 });
});

test('troubleshooting: DATA_DIR is open to others and could not be closed', async () => {
  const open = join(world.folder, 'of-another-owner');
  await mkdir(open);
  await chmod(open, 0o755);
  // What the system answers for a folder of another user; a test may run as the one user who is never refused.
  const refusal = Object.assign(new Error('operation not permitted'), { code: 'EPERM' });
  const refusing = jest.spyOn(promises, 'chmod').mockRejectedValue(refusal);
  const refused = await world.run(byId ?? [], { env: { ...world.env, DATA_DIR: open } });
  refusing.mockRestore();
  expect([refused.code, refused.out]).toEqual([1, '']);
  expect(refused.err).toMatch(/of-another-owner is open to others \(mode 755\) and it could not be closed \(EPERM\)/);
  expect([await readdir(open), await world.events.countDocuments()]).toEqual([[], 0]);

  const DATA_DIR = join(world.folder, 'home', '.local', 'share', 'foldline');
  expect(await world.report(byId ?? [], { DATA_DIR })).toMatchObject({ adopted: 2 });
  for (const path of ['.', 'imports', join('imports', name()), join('imports', name(), 'report.json')])
    expect([path, (await stat(join(DATA_DIR, path))).mode & 0o077]).toEqual([path, 0]);
});

test('hazard: a rehearsal with a wrong id into another database binds nobody, though its folder is the same', async () => {
  const rehearsal = `${world.env.USERS_DATABASE}_staging`;
  try {
    expect(await world.report(byKey ?? [], { USERS_DATABASE: rehearsal })).toMatchObject({ adopted: 2 });
    for (const more of [['--dry-run'], []])
      expect(await world.report([...(byId ?? []), ...more])).toMatchObject({ adopted: 2 });
  } finally {
    await world.client.db(rehearsal).dropDatabase();
  }
});

test('hazard: of two that begin at once with different ids, one goes on and one is refused', async () => {
  const runs = await Promise.all([byId, byKey].map((args) => world.run(args ?? [])));
  expect(runs.map(({ code }) => code).sort()).toEqual([0, 1]);
  expect(runs.find(({ code }) => code === 1)?.err).toContain('was begun with "id":');
  expect(await world.events.countDocuments()).toBe(2);
});

test('hazard: events that were restored into a new collection are still those of their adoption; events that are gone bind nobody', async () => {
  await world.report(byId ?? []);
  const events = await world.events.find().toArray();
  await users.dropCollection('UserEvents');
  await world.events.insertMany(events);
  await expectRefused(byKey, 'Go on with "id":"_id"');
  await users.dropCollection('UserEvents');
  expect(await world.report(byKey ?? [])).toMatchObject({ adopted: 2 });
  await expectRefused(byId, 'Go on with "id":"key"');
});

test('hazard: a run that the version before began goes on from its folder, is refused with another id, and asks where nothing says it', async () => {
  await world.report(byId ?? []);
  await users.dropCollection('Imports');
  await expectRefused(
    byId,
    'nothing says which "id"',
    `db.Imports.insertOne({ _id: "${name()}", rules: { id: "_id" } })`,
  );
  const folder = join(elsewhere.DATA_DIR, 'imports', name());
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'begun.json'), '{"id":"_id"}');
  await expectRefused(byKey, 'Go on with "id":"_id"');
  expect(await world.report(byId ?? [], elsewhere)).toMatchObject({ adoptedBefore: 2 });
  await expectRefused(byKey, 'Go on with "id":"_id"');

  await users.dropCollection('Imports');
  await users.collection<Document>('Imports').insertOne({ _id: name() as never, rules: { id: '_id' } });
  expect(await world.report(byId ?? [])).toMatchObject({ adoptedBefore: 2 });
});

test('hazard: a folder that cannot be written is found before anybody is asked and before anything is stored', async () => {
  const file = join(world.folder, 'a-file');
  await writeFile(file, '');
  const asked: string[] = [];
  const { code, err } = await world.run(byId ?? [], {
    env: { ...world.env, DATA_DIR: join(file, 'data') },
    confirm: async (question) => asked.push(`${question}`) > 0,
  });
  expect([code, asked]).toEqual([1, []]);
  expect(err).toMatch(/^DATA_DIR: .*a-file.data cannot be made \(ENOTDIR\): name a folder/);
  expect(await world.collections()).toEqual([]);
});
