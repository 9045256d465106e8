// Goal: each line that cannot be stored is refused with its place and its reason, without its content, and nothing else is lost by it;
// a file that cannot be read whole is one sentence and changes nothing. Method: one broken line of each kind among good ones.
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type ImportWorld, openImportWorld } from '../testing/verb-runs.ts';

jest.setTimeout(60_000);

let world: ImportWorld;
beforeEach(async () => {
  world = await openImportWorld();
});
afterEach(() => world.close());

const time = 1_700_000_000;
const secret = 'nobody-may-read-this';
const opened = (properties: object) => ({ event: 'Opened', properties: { time, secret, ...properties } });
const latin1 = (text: string) => Buffer.from(text, 'latin1');

const brokenProfiles = [
  ['{"$distinct_id":1', 'not-json'],
  [[1], 'not-an-object'],
  [latin1('{"$distinct_id":"\xe9"}'), 'invalid-utf-8'],
  [{ $properties: { $email: 'a@x.org' } }, 'distinct-id-missing'],
  [{ $distinct_id: ' Anonymous' }, 'distinct-id-illegal'],
  [{ $distinct_id: 'x'.repeat(201) }, 'distinct-id-illegal'],
  ['{"$distinct_id":9007199254740993}', 'integer-too-large'],
  [{ $distinct_id: 1, $properties: { text: 'x'.repeat(262_144) } }, 'too-long'],
] as const;

const brokenEvents = [
  ['undefined', 'not-json'],
  ['null', 'not-an-object'],
  [latin1('{"event":"\xff"}'), 'invalid-utf-8'],
  [opened({}), 'distinct-id-missing'],
  [opened({ distinct_id: null }), 'distinct-id-illegal'],
  [{ ...opened({ distinct_id: 1 }), event: ' ' }, 'event-name-missing'],
  [opened({ distinct_id: 1, time: 0 }), 'time-invalid'],
  [opened({ distinct_id: 1, time: '1700000000' }), 'time-invalid'],
  [opened({ distinct_id: 1, time: 946_684_799 }), 'time-before-2000'],
  [opened({ distinct_id: 1, time: Math.round(Date.now() / 1000) + 100_000 }), 'time-ahead'],
  [`{"event":"Opened","properties":{"distinct_id":1,"time":${time},"n":[-9007199254740993]}}`, 'integer-too-large'],
  [opened({ distinct_id: 1, text: 'x'.repeat(262_144) }), 'too-long'],
  [opened({ distinct_id: 1, _bsontype: 'Long' }), 'not-storable'],
  // Half as long as a line may be, and six times as much as an event: an array of digits grows.
  [opened({ distinct_id: 1, digits: Array(60_000).fill(1) }), 'too-large'],
] as const;

test('each broken line is told with file, line and reason; the good ones between them are stored', async () => {
  const good = { $distinct_id: 1, $properties: { $email: 'a@x.org' } };
  const between = (lines: readonly (readonly [unknown, string])[], one: (n: number) => object) =>
    lines.flatMap(([line], n) => [line as object, one(n)]);
  const args = await world.files(
    between(brokenProfiles, (n) => ({ ...good, $distinct_id: n + 1 })),
    between(brokenEvents, (n) => opened({ distinct_id: 1, $insert_id: `i${n}` })),
  );
  const report = await world.report(args);
  const counts = (all: number) => ({ read: 2 * all, stored: all, repeats: 0, refused: all, blank: 0 });
  expect(report.people).toEqual(counts(brokenProfiles.length));
  expect(report.events).toEqual(counts(brokenEvents.length));
  expect(report.conservation.holds).toBe(true);
  const refused = await world.left(report.id, 'refused.ndjson');
  expect(refused).toEqual([
    ...brokenProfiles.map(([, reason], n) => ({ file: 'people', line: 2 * n + 1, reason })),
    ...brokenEvents.map(([, reason], n) => ({ file: 'events', line: 2 * n + 1, reason })),
  ]);
  expect(JSON.stringify([refused, report])).not.toContain(secret);
});

test('what is large, deep or strangely named is stored as it stands', async () => {
  const properties = {
    distinct_id: 1,
    time,
    $insert_id: 'i',
    $ref: 'a',
    'a.b': { $set: 1 },
    '': 0,
    nested: JSON.parse('['.repeat(90) + ']'.repeat(90)),
    big: 2 ** 53,
    float: 1.5,
    text: 'é'.repeat(100_000),
  };
  const report = await world.report(await world.files([], [{ event: '$ 🙂 .', properties }]));
  expect(report.events).toMatchObject({ read: 1, stored: 1 });
  const [stored] = await world.events.find({ type: 'activityRecorded_v1' }).toArray();
  expect(stored?.data).toEqual({ name: '$ 🙂 .', insertId: 'i', properties });
});

test('empty files are an import of nothing', async () => {
  const report = await world.report(await world.files([], []));
  const nothing = { read: 0, stored: 0, repeats: 0, refused: 0, blank: 0 };
  expect(report).toMatchObject({ people: nothing, events: nothing, merges: 0, conservation: { holds: true } });
});

test('a file that is missing, or was cut off, is one sentence with its name, and nothing is begun', async () => {
  const people = await world.file('people.ndjson', [{ $distinct_id: 1 }]);
  const cut = join(world.folder, 'cut.ndjson.gz');
  await writeFile(cut, gzipSync(Array.from({ length: 5000 }, (_, n) => `{"n":${n * 7919}}`).join('\n')));
  await truncate(cut, 3000);
  for (const [events, said] of [
    [join(world.folder, 'none.ndjson'), /--events cannot be read, .*none\.ndjson/],
    [cut, /cut\.ndjson\.gz .*unexpected end of file/],
  ] as const) {
    const { code, out, err } = await world.run(['--people', people, '--events', events]);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(said);
  }
  expect(await world.collections()).toEqual([]);
});

test('wrong usage is told with 2, a setting that is not valid and a store that is away with 1', async () => {
  const args = await world.files([], []);
  expect(await world.run(args.slice(2))).toMatchObject({ code: 2, err: expect.stringContaining('--people') });
  const env = { ...world.env, MONGODB_URI: '', IMPORT_BATCH_LINES_MAX: '0' };
  const invalid = await world.run(args, { env });
  expect(invalid.code).toBe(1);
  for (const name of ['MONGODB_URI', 'IMPORT_BATCH_LINES_MAX']) expect(invalid.err).toContain(name);
  const away = { ...world.env, MONGODB_URI: 'mongodb://127.0.0.1:1/', MONGODB_SELECTION_TIMEOUT_MS: '100' };
  expect(await world.run(args, { env: away })).toMatchObject({
    code: 1,
    err: expect.stringContaining('No MongoDB answered'),
  });
});
