// Goal: a topic that is new never stays without what lies before its connector's position: the connector begins anew, or `apply` says
// so before anything is changed. Method: whole command lines beside a fake worker that keeps offsets under a connector's name, as a
// real one does; test/e2e/connectors.test.ts shows the same on a real one.
import { beginningKey } from './begin-anew.ts';
import type { Surroundings } from './context.ts';
import { cliBeside, placeForEachTest } from './testing/run-cli.ts';

let documents: number;

const place = placeForEachTest(async () => {
  documents = 298;
  expect((await run(['apply', place.folder])).code).toBe(0);
  place.worker.requests.length = 0;
});

const run = (args: readonly string[], around: Partial<Surroundings> = {}) =>
  cliBeside(place)(args, {
    env: { MONGODB_URI: 'mongodb://db/' },
    countDocuments: async (_uri, files) => new Map(files.map(({ name }) => [name, documents])),
    ...around,
  });

const stand = (name: string, partition = `${name}.1`) =>
  place.worker.offsets.set(name, [{ partition: { ns: partition }, offset: { _id: '{"_data": "8265"}' } }]);
const store = (count: number) => {
  documents = count;
};
const changing = () => place.worker.requests.filter((request) => !/^GET|\/config\/validate$/.test(request));

test('hazard: connector and topic were deleted. The connector is made without the position that Connect kept', async () => {
  stand('user-snapshots');
  place.worker.connectors.delete('user-snapshots');
  place.topics.topics.delete('user-snapshots');
  const { code, err } = await run(['apply', place.folder]);
  expect([code, place.worker.offsets.has('user-snapshots')]).toEqual([0, false]);
  expect(err).toContain('had a position of an earlier time');
  expect(place.worker.connectors.get('user-snapshots')).toMatchObject({ state: 'RUNNING' });
  expect(place.worker.connectors.get('user-snapshots')?.config).not.toHaveProperty([beginningKey]);
});

test('somebody made the deleted topic again: it is as new', async () => {
  stand('user-snapshots');
  place.worker.connectors.delete('user-snapshots');
  expect((await run(['apply', place.folder])).code).toBe(0);
  expect(place.worker.offsets.has('user-snapshots')).toBe(false);
});

test('a connector that was deleted while its topic stays goes on where it was', async () => {
  stand('user-events');
  place.topics.records.set('user-events', 298);
  place.worker.connectors.delete('user-events');
  expect((await run(['apply', place.folder])).code).toBe(0);
  expect(place.worker.offsets.has('user-events')).toBe(true);
});

test.each<[string, () => unknown, string]>([
  ['missing', () => place.topics.topics.delete('user-snapshots'), 'is not there'],
  ['empty, and its collection is not', () => {}, 'is empty, and 298 documents are stored'],
])('a topic that is %s while its connector has a position: plan and apply refuse', async (_what, given, words) => {
  stand('user-snapshots');
  given();
  const before = [...place.topics.topics.keys()];
  for (const verb of ['plan', 'apply']) {
    const { code, out } = await run([verb, place.folder]);
    expect([code, out]).toEqual([1, expect.stringContaining(words)]);
    expect(out).toContain('npm run connect -- refill user-snapshots');
    const inJson = JSON.parse((await run([verb, place.folder, '-o', 'json'])).out);
    expect(inJson.newTopics).toMatchObject([{ connector: 'user-snapshots', topic: 'user-snapshots' }]);
  }
  expect([changing(), [...place.topics.topics.keys()]]).toEqual([[], before]);

  const planned = await run(['plan', place.folder, '--refill']);
  expect([planned.code, planned.out]).toEqual([3, expect.stringContaining('» refill connector user-snapshots')]);
  const applied = await run(['apply', place.folder, '--refill']);
  expect([applied.code, applied.out]).toEqual([0, expect.stringContaining('refilled connector user-snapshots')]);
  expect(place.worker.offsets.has('user-snapshots')).toBe(false);
  // Nothing came into the topic from the old position: the connector was stopped before the topic was made.
  expect(changing()[0]).toBe('PUT /connectors/user-snapshots/stop');
});

test.each<[string, () => unknown]>([
  ['the collection is empty too', () => void store(0)],
  ['the position is of another offset.partition.name', () => stand('user-snapshots', 'user-snapshots.0')],
  ['the worker has no position', () => place.worker.offsets.clear()],
  [
    'the first record comes while apply looks',
    () => setTimeout(() => place.topics.records.set('user-snapshots', 1), 5),
  ],
])('an empty topic is no trap when %s', async (_what, given) => {
  stand('user-snapshots');
  given();
  expect((await run(['apply', place.folder])).code).toBe(0);
  expect(changing()).toEqual([]);
});

test('an apply that was interrupted while a connector began anew is ended by the next', async () => {
  stand('user-snapshots');
  place.topics.topics.delete('user-snapshots');
  place.worker.fault = (request) =>
    request.startsWith('DELETE /connectors/user-snapshots/offsets') ? { status: 500 } : undefined;
  expect((await run(['apply', place.folder, '--refill'])).code).toBe(1);
  expect(place.worker.connectors.get('user-snapshots')).toMatchObject({
    state: 'STOPPED',
    config: { [beginningKey]: 'true' },
  });
  place.worker.fault = () => undefined;
  expect((await run(['apply', place.folder])).code).toBe(0);
  expect([place.worker.offsets.has('user-snapshots'), place.worker.connectors.get('user-snapshots')?.state]).toEqual([
    false,
    'RUNNING',
  ]);
});

test.each([
  ['3.6.1', false],
  ['3.4.0', true],
])('a worker of %s, which cannot make a connector STOPPED', async (version, isLeft) => {
  place.worker.version = version;
  stand('user-events');
  place.worker.connectors.delete('user-events');
  const { code, err } = await run(['apply', place.folder]);
  expect([code, place.worker.offsets.has('user-events')]).toEqual([0, isLeft]);
  expect(err).toContain(isLeft ? 'raise the number in offset.partition.name' : 'so it begins anew');
  expect(changing()[0]).toBe('PUT /connectors/user-events/config');
});

test('a support topic that is missing is made, and the connectors that stood still are restarted', async () => {
  place.topics.topics.delete('foldline-heartbeats');
  expect((await run(['plan', place.folder])).out).toContain('+ create topic foldline-heartbeats');
  const { code, out } = await run(['apply', place.folder]);
  expect(code).toBe(0);
  expect(out).toContain('restarted connector user-events');
  expect(place.topics.topics.get('foldline-heartbeats')).toMatchObject({
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
  await place.topics.alter('foldline-heartbeats', { 'retention.ms': '1' });
  expect((await run(['plan', place.folder])).code).toBe(0);
});
