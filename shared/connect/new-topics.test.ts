// Goal: a topic that is new never stays without what lies before its connector's position: the connector begins anew, or `apply` says
// so before anything is changed. Method: whole command lines beside a fake worker that keeps offsets under a connector's name, as a
// real one does; test/e2e/connectors.test.ts shows the same on a real one.
import { rm } from 'node:fs/promises';
import { beginningKey } from './begin-anew.ts';
import type { Surroundings } from './context.ts';
import type { FakeWorker } from './testing/fake-worker.ts';
import type { InMemoryTopics } from './testing/in-memory-topics.ts';
import { cliBeside, freshPlace } from './testing/run-cli.ts';

let worker: FakeWorker;
let folder: string;
let topics: InMemoryTopics;
let documents: number;

beforeEach(async () => {
  ({ worker, topics, folder } = await freshPlace());
  documents = 298;
  expect((await run(['apply', folder])).code).toBe(0);
  worker.requests.length = 0;
});
afterEach(async () => {
  await worker.close();
  await rm(folder, { recursive: true });
});

const run = (args: readonly string[], around: Partial<Surroundings> = {}) =>
  cliBeside({ worker, topics })(args, {
    env: { MONGODB_URI: 'mongodb://db/' },
    countDocuments: async (_uri, files) => new Map(files.map(({ name }) => [name, documents])),
    ...around,
  });

const stand = (name: string, partition = `${name}.1`) =>
  worker.offsets.set(name, [{ partition: { ns: partition }, offset: { _id: '{"_data": "8265"}' } }]);
const store = (count: number) => {
  documents = count;
};
const changing = () => worker.requests.filter((request) => !/^GET|\/config\/validate$/.test(request));

test('hazard: connector and topic were deleted. The connector is made without the position that Connect kept', async () => {
  stand('user-snapshots');
  worker.connectors.delete('user-snapshots');
  topics.topics.delete('user-snapshots');
  const { code, err } = await run(['apply', folder]);
  expect([code, worker.offsets.has('user-snapshots')]).toEqual([0, false]);
  expect(err).toContain('had a position of an earlier time');
  expect(worker.connectors.get('user-snapshots')).toMatchObject({ state: 'RUNNING' });
  expect(worker.connectors.get('user-snapshots')?.config).not.toHaveProperty([beginningKey]);
});

test('somebody made the deleted topic again: it is as new', async () => {
  stand('user-snapshots');
  worker.connectors.delete('user-snapshots');
  expect((await run(['apply', folder])).code).toBe(0);
  expect(worker.offsets.has('user-snapshots')).toBe(false);
});

test('a connector that was deleted while its topic stays goes on where it was', async () => {
  stand('user-events');
  topics.records.set('user-events', 298);
  worker.connectors.delete('user-events');
  expect((await run(['apply', folder])).code).toBe(0);
  expect(worker.offsets.has('user-events')).toBe(true);
});

test.each<[string, () => unknown, string]>([
  ['missing', () => topics.topics.delete('user-snapshots'), 'is not there'],
  ['empty, and its collection is not', () => {}, 'is empty, and 298 documents are stored'],
])('a topic that is %s while its connector has a position: plan and apply refuse', async (_what, given, words) => {
  stand('user-snapshots');
  given();
  const before = [...topics.topics.keys()];
  for (const verb of ['plan', 'apply']) {
    const { code, out } = await run([verb, folder]);
    expect([code, out]).toEqual([1, expect.stringContaining(words)]);
    expect(out).toContain('npm run connect -- refill user-snapshots');
    const inJson = JSON.parse((await run([verb, folder, '-o', 'json'])).out);
    expect(inJson.newTopics).toMatchObject([{ connector: 'user-snapshots', topic: 'user-snapshots' }]);
  }
  expect([changing(), [...topics.topics.keys()]]).toEqual([[], before]);

  const planned = await run(['plan', folder, '--refill']);
  expect([planned.code, planned.out]).toEqual([3, expect.stringContaining('» refill connector user-snapshots')]);
  const applied = await run(['apply', folder, '--refill']);
  expect([applied.code, applied.out]).toEqual([0, expect.stringContaining('refilled connector user-snapshots')]);
  expect(worker.offsets.has('user-snapshots')).toBe(false);
  // Nothing came into the topic from the old position: the connector was stopped before the topic was made.
  expect(changing()[0]).toBe('PUT /connectors/user-snapshots/stop');
});

test.each<[string, () => unknown]>([
  ['the collection is empty too', () => void store(0)],
  ['the position is of another offset.partition.name', () => stand('user-snapshots', 'user-snapshots.0')],
  ['the worker has no position', () => worker.offsets.clear()],
  ['the first record comes while apply looks', () => setTimeout(() => topics.records.set('user-snapshots', 1), 5)],
])('an empty topic is no trap when %s', async (_what, given) => {
  stand('user-snapshots');
  given();
  expect((await run(['apply', folder])).code).toBe(0);
  expect(changing()).toEqual([]);
});

test('an apply that was interrupted while a connector began anew is ended by the next', async () => {
  stand('user-snapshots');
  topics.topics.delete('user-snapshots');
  worker.fault = (request) =>
    request.startsWith('DELETE /connectors/user-snapshots/offsets') ? { status: 500 } : undefined;
  expect((await run(['apply', folder, '--refill'])).code).toBe(1);
  expect(worker.connectors.get('user-snapshots')).toMatchObject({
    state: 'STOPPED',
    config: { [beginningKey]: 'true' },
  });
  worker.fault = () => undefined;
  expect((await run(['apply', folder])).code).toBe(0);
  expect([worker.offsets.has('user-snapshots'), worker.connectors.get('user-snapshots')?.state]).toEqual([
    false,
    'RUNNING',
  ]);
});

test.each([
  ['3.6.1', false],
  ['3.4.0', true],
])('a worker of %s, which cannot make a connector STOPPED', async (version, isLeft) => {
  worker.version = version;
  stand('user-events');
  worker.connectors.delete('user-events');
  const { code, err } = await run(['apply', folder]);
  expect([code, worker.offsets.has('user-events')]).toEqual([0, isLeft]);
  expect(err).toContain(isLeft ? 'raise the number in offset.partition.name' : 'so it begins anew');
  expect(changing()[0]).toBe('PUT /connectors/user-events/config');
});

test('a support topic that is missing is made, and the connectors that stood still are restarted', async () => {
  topics.topics.delete('foldline-heartbeats');
  expect((await run(['plan', folder])).out).toContain('+ create topic foldline-heartbeats');
  const { code, out } = await run(['apply', folder]);
  expect(code).toBe(0);
  expect(out).toContain('restarted connector user-events');
  expect(topics.topics.get('foldline-heartbeats')).toMatchObject({
    partitions: 1,
    config: { 'retention.ms': '3600000' },
  });
  expect(changing()).toEqual(
    ['user-events', 'user-snapshots'].map(
      (name) => `POST /connectors/${name}/restart?includeTasks=true&onlyFailed=false`,
    ),
  );
});

test('a support topic that is there keeps the settings that somebody gave it', async () => {
  await topics.alter('foldline-heartbeats', { 'retention.ms': '1' });
  expect((await run(['plan', folder])).code).toBe(0);
});
