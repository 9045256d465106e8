// Goal: connectors are stopped, paused, resumed, reset and refilled by verbs, each of which says what is so afterwards; a refill is
// called done only after a comparison with the collection. Method: whole command lines beside a fake worker that "copies" on resume.
import type { Surroundings } from '../context.ts';
import { placeForEachTest } from '../testing/run-cli.ts';

const place = placeForEachTest(async () => {
  expect((await run(['apply', place.folder])).code).toBe(0);
  place.topics.records.set('user-snapshots', 5);
  place.worker.offsets.set('user-snapshots', [offset({})]);
  place.worker.requests.length = 0;
});
const { run } = place;

const offset = (more: object) => ({
  partition: { ns: 'user-snapshots.1' },
  offset: { _id: '{"_data": "8265"}', ...more },
});
const state = (name = 'user-snapshots') => place.worker.connectors.get(name)?.state;
const changing = () => place.worker.requests.filter((request) => !/^GET|\/config\/validate$/.test(request));

test('stop, pause and resume return when it is so', async () => {
  expect(await run(['stop', 'user-events'])).toMatchObject({ code: 0, out: 'stopped connector user-events' });
  expect(state('user-events')).toBe('STOPPED');
  const resumed = await run(['resume', 'user-events']);
  expect(resumed).toMatchObject({ code: 0, out: expect.stringContaining('resumed connector user-events') });
  expect(resumed.out).toContain('user-events  RUNNING  task 0 RUNNING');
  const paused = JSON.parse((await run(['pause', 'user-events', 'user-snapshots', '-o', 'json'])).out);
  expect(paused.applied.map((one: { outcome: string }) => one.outcome)).toEqual(['paused', 'paused']);
  expect(await run(['resume', 'user-events', 'user-snapshots'])).toMatchObject({ code: 0 });
});

test('one that fails when it is resumed: 4; a name that is not there: 1, and the names that are', async () => {
  await run(['stop', 'user-events']);
  place.worker.onStart = (connector) => Object.assign(connector, { state: 'RUNNING', tasks: [{ state: 'FAILED' }] });
  expect((await run(['resume', 'user-events'])).code).toBe(4);
  for (const args of [['stop'], ['pause'], ['resume'], ['offsets', 'reset']]) {
    const { code, out } = await run([...args, 'nobody']);
    expect([code, out]).toEqual([1, expect.stringContaining('it has user-events, user-snapshots')]);
  }
});

test('offsets show, and reset only of one that is stopped', async () => {
  const shown = await run(['offsets', 'show', 'user-events', 'user-snapshots']);
  expect(shown).toMatchObject({
    code: 0,
    out: expect.stringContaining('user-snapshots: {"ns":"user-snapshots.1"} at '),
  });
  expect(shown.out).toContain('user-events: no position');
  place.worker.offsets.set('user-snapshots', [offset({ copy: 'true' })]);
  expect((await run(['offsets', 'show', 'user-snapshots'])).out).toContain('(it is copying)');
  const refused = await run(['offsets', 'reset', 'user-snapshots', '--yes']);
  expect([refused.code, refused.out]).toEqual([1, expect.stringContaining('npm run connect -- stop user-snapshots')]);
  await run(['stop', 'user-snapshots']);
  const no = await run(['offsets', 'reset', 'user-snapshots'], { confirm: async () => false });
  expect([no.code, place.worker.offsets.has('user-snapshots')]).toEqual([1, true]);
  expect(await run(['offsets', 'reset', 'user-snapshots', '--yes'])).toMatchObject({ code: 0 });
  expect(place.worker.offsets.has('user-snapshots')).toBe(false);
});

const stored = (count: () => number): Partial<Surroundings> => ({
  env: { MONGODB_URI: 'mongodb://db/' },
  countDocuments: async (_uri, files) => new Map(files.map(({ name }) => [name, count()])),
});

/** From its next start on the connector sends so many records, one at each look, and marks its offsets until the last. */
function copies(records: number): void {
  place.worker.onStart = (connector) => {
    Object.assign(connector, { state: 'RUNNING', tasks: [{ state: 'RUNNING' }] });
    let sent = 0;
    place.worker.fault = (request) => {
      if (request !== 'GET /connectors/user-snapshots/offsets') return undefined;
      if (sent < records)
        place.topics.records.set('user-snapshots', (place.topics.records.get('user-snapshots') ?? 0) + 1);
      sent += 1;
      place.worker.offsets.set('user-snapshots', [offset(sent < records ? { copy: 'true' } : {})]);
      return undefined;
    };
  };
}

const refill = (around: Partial<Surroundings>, ...more: string[]) =>
  run(['refill', 'user-snapshots', '--files', place.folder, '--yes', ...more], around);

test('a refill stops, resets, copies, compares and says so', async () => {
  copies(9);
  place.topics.topics.delete('foldline-heartbeats');
  const { code, out, err } = await refill(stored(() => 9));
  expect([code, out]).toEqual([0, 'refilled topic user-snapshots: 9 records, for 9 documents']);
  expect(err).toContain('user-snapshots: 1 of 9 documents');
  expect(place.topics.topics.has('foldline-heartbeats')).toBe(true);
  const order = changing().map((request) => request.replace('/connectors/user-snapshots', ''));
  expect(order).toEqual(['PUT /stop', 'PUT /config', 'DELETE /offsets', 'PUT /config', 'PUT /resume']);
});

test('a topic that is not there is made while the connector is stopped', async () => {
  place.topics.topics.delete('user-snapshots');
  copies(9);
  const { code, out } = await refill(
    stored(() => 9),
    '-o',
    'json',
  );
  expect([code, JSON.parse(out).refilled]).toEqual([
    0,
    [{ name: 'user-snapshots', topic: 'user-snapshots', records: 9, documents: 9, outcome: 'refilled', error: null }],
  ]);
  expect(place.topics.topics.get('user-snapshots')).toMatchObject({ partitions: 6 });
});

test('hazard: a copy that leaves documents out is not called done', async () => {
  copies(4);
  const { code, out } = await refill(stored(() => 9));
  expect([code, out]).toEqual([1, expect.stringContaining('4 records of 9 documents came into user-snapshots')]);
});

test('hazard: a task begins its copy twice. Records that came twice are not taken for documents', async () => {
  place.worker.onStart = (connector) => {
    Object.assign(connector, { state: 'RUNNING', tasks: [{ state: 'RUNNING' }] });
    const before = place.topics.records.get('user-snapshots') ?? 0;
    // Five, and after a restart the same five and the others; Connect has stored no position before the end.
    const steps = [5, 10, 10, 14];
    place.worker.fault = (request) => {
      if (request !== 'GET /connectors/user-snapshots/offsets') return undefined;
      const step = steps.shift();
      if (step !== undefined) place.topics.records.set('user-snapshots', before + step);
      else place.worker.offsets.set('user-snapshots', [offset({})]);
      return undefined;
    };
  };
  const { code, out } = await refill(stored(() => 9));
  expect([code, out]).toEqual([0, 'refilled topic user-snapshots: 14 records, for 9 documents']);
});

test('an empty collection is refilled at once', async () => {
  place.worker.onStart = (connector) => Object.assign(connector, { state: 'RUNNING', tasks: [{ state: 'RUNNING' }] });
  expect((await refill(stored(() => 0))).out).toBe('refilled topic user-snapshots: 0 records, for 0 documents');
});

test('documents that were deleted meanwhile are not waited for', async () => {
  copies(4);
  let asked = 0;
  const { code, out } = await refill(stored(() => (++asked === 1 ? 9 : 4)));
  expect([code, out]).toEqual([0, 'refilled topic user-snapshots: 4 records, for 4 documents']);
});

test('hazard: fewer records than documents came, and nobody can count again: that is not called done', async () => {
  copies(4);
  let asked = 0;
  const countDocuments: Surroundings['countDocuments'] = async () =>
    new Map(++asked === 1 ? [['user-snapshots', 9]] : []);
  const { code, out } = await refill({ ...stored(() => 9), countDocuments });
  expect([code, out]).toEqual([1, expect.stringContaining('4 records of 9 documents came into user-snapshots')]);
});

test('a copy that never ends is given up after its time; one whose task fails, at once', async () => {
  place.worker.onStart = (connector) => Object.assign(connector, { state: 'RUNNING', tasks: [{ state: 'RUNNING' }] });
  expect((await refill(stored(() => 9))).out).toContain('After 400 ms 0 records of 9 documents');
  place.worker.onStart = (connector) =>
    Object.assign(connector, { state: 'RUNNING', tasks: [{ state: 'FAILED', trace: 'No: way' }] });
  expect((await refill(stored(() => 9))).out).toContain('is FAILED: No: way');
});

test('without MONGODB_URI the word of the connector has to do, and that is said', async () => {
  copies(3);
  const { code, out, err } = await refill({});
  expect([code, out]).toEqual([0, 'refilled topic user-snapshots: 3 records, documents were not counted']);
  expect(err).toContain('MONGODB_URI is not set');
});

test('what cannot be refilled is refused before anything is changed', async () => {
  place.worker.version = '3.5.1';
  const tooOld = await refill(stored(() => 9));
  expect([tooOld.code, tooOld.err]).toEqual([
    1,
    expect.stringContaining('has version 3.5.1, and a refill needs 3.6 or later'),
  ]);
  for (const args of [
    ['stop', 'user-events'],
    ['offsets', 'show'],
    ['offsets', 'reset', 'user-events'],
  ])
    expect((await run(args)).err).toContain('needs 3.6 or later');
  place.worker.version = '4.3.1';
  const unknown = await run(['refill', 'nobody', '--files', place.folder, '--yes']);
  expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining('there are user-events, user-snapshots')]);
  const there = place.worker.connectors.get('user-snapshots');
  if (there) there.config = { ...there.config, 'foldline.owner': 'billing' };
  expect((await refill(stored(() => 9))).err).toContain('belongs to billing');
  place.worker.connectors.delete('user-snapshots');
  expect((await refill(stored(() => 9))).err).toContain('npm run connect -- apply');
  expect(changing()).toEqual([]);
});
