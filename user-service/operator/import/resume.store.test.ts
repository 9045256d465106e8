// Goal: an import that is killed, stopped or disturbed at any place ends, run again, as one that ran through: nothing twice, nothing
// lost, the figures those of a separate count. Method: the compiled command line as a process that kills itself at named places, that is
// interrupted, that runs beside its twin, or while an API writes to the same users.
import { someKills, startLossyProxy, testMongodbUri, testSeed } from 'foldline/testing/workspace';
import { type StartedUserService, startTestUserService } from '../../src/testing/started-user-service.ts';
import { type ImportRun, type ImportWorld, openImportWorld } from '../testing/verb-runs.ts';
import type { Report } from './report.ts';
import { oracleFigures } from './testing/export-oracle.ts';
import { generateExport } from './testing/generated-export.ts';

jest.setTimeout(180_000);

/** So that what is done to a run in its middle finds it there. */
const manyBatches = { IMPORT_BATCH_LINES_MAX: '20' };

let world: ImportWorld;
let args: string[];
let expected: ReturnType<typeof oracleFigures>;
beforeEach(async () => {
  world = await openImportWorld({ IMPORT_BATCH_LINES_MAX: '100' });
  const { people, events } = await generateExport(world.folder, { people: 150, events: 700 }, 11);
  args = ['--people', people, '--events', events];
  expected = oracleFigures(people, events, Date.now());
});
afterEach(() => world.close());

const reportIn = ({ code, out, err }: ImportRun): Report => {
  if (code !== 0) throw new Error(`The import ended with ${code}: ${err}`);
  return JSON.parse(out);
};
const finish = async () => reportIn(await world.start([...args, '-o', 'json']).ended);

async function expectAsIfUndisturbed(report: Report): Promise<void> {
  expect(report).toMatchObject({ ...expected, conservation: { holds: true } });
  const people = expected.people.stored + expected.withoutProfile;
  const count = (type: string) => world.events.countDocuments({ type });
  expect([await count('userImported_v1'), await count('userIdentityAdded_v1')]).toEqual([people, people]);
  expect(await count('activityRecorded_v1')).toBe(expected.events.stored);
  expect([await count('userAbsorbed_v1'), await count('userMerged_v1')]).toEqual([expected.merges, expected.merges]);
  const ids = await world.events.distinct('id');
  expect(ids).toHaveLength(await world.events.countDocuments());
}

// The store's own places are passed by each batch; the others lie between the steps.
const kills = [
  ['before-insert:1', 'people-stored:1'],
  ['before-commit:2', 'events-stored:2'],
  ['after-commit:5', 'merged:3'],
  ['merged:1', 'before-report:1'],
] as const;
const seed = testSeed();

test.each(someKills(kills, 2, seed))(`killed at %s and again at %s (seed ${seed})`, async (...places) => {
  for (const place of places)
    expect(await world.start(args, { CRASH_AT: place }).ended).toMatchObject({ code: 'SIGKILL', out: '' });
  await expectAsIfUndisturbed(await finish());
});

test('stopped by Ctrl-C it says that the same command goes on, and it does', async () => {
  const { child, ended } = world.start(args, manyBatches);
  await world.stored('activityRecorded_v1');
  child.kill('SIGINT');
  expect(await ended).toMatchObject({ code: 130, out: '', err: expect.stringContaining('the same command goes on') });
  await expectAsIfUndisturbed(await finish());
});

test('answers that are lost on their way are settled by reading', async () => {
  const proxy = await startLossyProxy(testMongodbUri());
  const lostCommits = proxy.lose('commitTransaction', 3);
  const { ended } = world.start([...args, '-o', 'json'], { MONGODB_URI: proxy.uri, ...manyBatches });
  await world.stored('activityRecorded_v1');
  const lostInserts = proxy.lose('insert', 2);
  await expectAsIfUndisturbed(reportIn(await ended));
  expect([lostCommits(), lostInserts()]).toEqual([3, 2]);
  await proxy.close();
});

test('a database that goes away is one sentence, and the same command goes on', async () => {
  const proxy = await startLossyProxy(testMongodbUri());
  const settings = { MONGODB_URI: proxy.uri, MONGODB_SELECTION_TIMEOUT_MS: '500', ...manyBatches };
  const { ended } = world.start(args, settings);
  await world.stored('activityRecorded_v1');
  await proxy.close();
  const { code, out, err } = await ended;
  expect([code, out]).toEqual([1, '']);
  expect(err).toMatch(/the same command goes on where this one ended\.\n$/);
  await expectAsIfUndisturbed(await finish());
});

test('two runs of one import at the same time are one import', async () => {
  const twins = [1, 2].map(() => world.start([...args, '-o', 'json']).ended);
  for (const twin of await Promise.all(twins))
    expect(reportIn(twin)).toMatchObject({ merges: expected.merges, notMerged: {}, conservation: { holds: true } });
  const people = expected.people.stored + expected.withoutProfile;
  expect(await world.events.countDocuments({ type: 'userImported_v1' })).toBe(people);
  expect(await world.events.countDocuments({ type: 'activityRecorded_v1' })).toBe(expected.events.stored);
  expect(await world.events.countDocuments({ type: 'userAbsorbed_v1' })).toBe(expected.merges);
});

describe('while an API writes to the same users', () => {
  let service: StartedUserService;
  beforeEach(async () => {
    service = await startTestUserService({ USERS_DATABASE: world.env.USERS_DATABASE ?? '' });
  });
  afterEach(() => service.close());

  test('each change is kept, and each line is stored', async () => {
    const { child, ended } = world.start([...args, '-o', 'json'], manyBatches);
    const changed = new Map<string, string>();
    for (let n = 0; child.exitCode === null; n += 1) {
      const [found] = await world.events
        .aggregate([{ $match: { type: 'userImported_v1' } }, { $sample: { size: 1 } }])
        .toArray();
      if (!found) continue;
      const id = found.subject.slice('user-'.length);
      const { status, body } = await service.call(`PATCH /users/${id}`, { firstName: `Changed ${n}` });
      if (status === 200) changed.set(id, `Changed ${n}`);
      // By then somebody may have been merged into another.
      else expect([status, body.code]).toEqual([409, expect.stringMatching(/identity-absorbed|version-conflict/)]);
    }
    expect(reportIn(await ended)).toMatchObject({ ...expected, conservation: { holds: true } });
    expect(changed.size).toBeGreaterThan(3);
    for (const [id, firstName] of changed) {
      const [last] = await world.events
        .find({ subject: `user-${id}`, type: 'userFirstNameChanged_v1' })
        .sort({ version: -1 })
        .toArray();
      expect(last?.data).toEqual({ firstName });
    }
  });
});
