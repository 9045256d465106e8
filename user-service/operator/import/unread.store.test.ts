// Goal: an export in a form that is not read, or in which nothing would be known of anybody, is refused by name before anything is stored.
// Method: whole command lines on a real store, with files as tools write them; then the remedy of docs/troubleshooting.md, typed
// as the page prints it, and the import that follows.
import { execFile } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { remedyBlocks } from 'foldline/testing/workspace';
import { type ImportRun, type ImportWorld, openImportWorld } from '../testing/verb-runs.ts';

jest.setTimeout(60_000);

let world: ImportWorld;
beforeEach(async () => {
  world = await openImportWorld();
});
afterEach(() => world.close());

const ada = { $distinct_id: 42, $properties: { $name: 'Ada Lovelace', $email: 'ada@example.org' } };
const opened = { event: 'Opened', properties: { distinct_id: 42, time: 1_700_000_000, $insert_id: 'a' } };
const lines = (...objects: object[]) => objects.map((one) => `${JSON.stringify(one)}\n`).join('');

/** Runs an import of these contents, which must change nothing in the database. */
async function refused(people: string | Buffer, events: string | Buffer, ...more: string[]): Promise<ImportRun> {
  await writeFile(join(world.folder, 'people.ndjson'), people);
  await writeFile(join(world.folder, 'events.ndjson'), events);
  const run = await world.run([...filesNamed('people.ndjson', 'events.ndjson'), '--yes', ...more]);
  expect([run.code, run.out, await world.collections()]).toEqual([1, '', []]);
  return run;
}
const filesNamed = (people: string, events: string) => [
  '--people',
  join(world.folder, people),
  '--events',
  join(world.folder, events),
];

/** Carries out what the page prints, in the folder of the files, and imports what is there then. */
async function remedied(symptom: string, people: string, events = 'events.ndjson'): Promise<void> {
  for (const block of remedyBlocks(symptom)) await promisify(execFile)('bash', ['-ec', block], { cwd: world.folder });
  const report = await world.report(filesNamed(people, events));
  expect(report).toMatchObject({ people: { stored: 1, refused: 0 }, events: { stored: 1, refused: 0 } });
  const stored = await world.events.findOne({ type: 'userImported_v1' });
  expect(stored?.data).toEqual({ firstName: 'Ada', lastName: 'Lovelace', email: 'ada@example.org' });
}

test('troubleshooting: The file of --people is not read: it is one JSON array', async () => {
  const { err } = await refused(JSON.stringify([ada]), lines(opened));
  expect(err).toMatch(/file of --people is not read, .*people\.ndjson: it is one JSON array.* Nothing was stored/);
  await writeFile(join(world.folder, 'people.json'), JSON.stringify([ada], null, 2));
  await remedied('The file of --people is not read: it is one JSON array', 'people.ndjson');
});

test('troubleshooting: The file of --people is not read: it is packed by gzip', async () => {
  const { err } = await refused(gzipSync(lines(ada)), lines(opened));
  expect(err).toMatch(/file of --people is not read, .*people\.ndjson: it is packed by gzip/);
  await remedied('The file of --people is not read: it is packed by gzip', 'people.ndjson.gz');
});

test('troubleshooting: The file of --people is not read: it is UTF-16LE text', async () => {
  const { err } = await refused(Buffer.from(`\ufeff${lines(ada)}`, 'utf16le'), lines(opened));
  expect(err).toMatch(/file of --people is not read, .*people\.ndjson: it is UTF-16LE text/);
  await remedied('The file of --people is not read: it is UTF-16LE text', 'people-utf8.ndjson');
});

test('troubleshooting: Nothing was stored: most lines of the file of --people cannot be stored (properties-missing)', async () => {
  const flat = { $distinct_id: 42, $name: 'Ada Lovelace', $email: 'ada@example.org' };
  const { err } = await refused(lines(flat), lines(opened));
  expect(err).toMatch(
    /Nothing was stored: 1 of 1 lines of the file of --people cannot be stored, .*\(properties-missing 1\)/,
  );
  await remedied(
    'Nothing was stored: most lines of the file of --people cannot be stored (properties-missing)',
    'profiles.ndjson',
  );
});

const nobody = { $distinct_id: 42, $properties: { plan: 'free', email: 'ada@example.org' } };
test.each<[string, string | Buffer, string | Buffer, RegExp]>([
  ['an array of events', lines(ada), JSON.stringify([opened]), /file of --events .* one JSON array/],
  ['packed events', lines(ada), gzipSync(lines(opened)), /file of --events .* packed by gzip/],
  ['events in UTF-16 without a mark', lines(ada), Buffer.from(lines(opened), 'utf16le'), /--events .* UTF-16LE/],
  [
    'profiles without a known field',
    lines(nobody, { ...nobody, $distinct_id: 43 }),
    lines(opened),
    /all 2 people would be nameless/,
  ],
  ["Amplitude's events", lines(ada), lines({ event_type: 'a', user_id: 'b' }), /--events .*\(distinct-id-missing 1\)/],
  ["Segment's events", lines(ada), lines({ type: 'track', userId: 'b', event: 'a' }), /\(distinct-id-missing 1\)/],
  ['a table', '$distinct_id,$name\n42,Ada\n', lines(opened), /--people .* a table/],
  ['more lines broken than not', `${lines(ada)}x\nx\n`, lines(opened), /2 of 3 lines .*\(not-json 2\)/],
])('refused before anything is stored, also by a dry run: %s', async (_, people, events, said) => {
  expect((await refused(people, events)).err).toMatch(said);
  expect((await refused(people, events, '--dry-run')).err).toMatch(said);
});

test('a file that is packed inside of its packing is refused; the refused lines are named where they are', async () => {
  await writeFile(join(world.folder, 'people.ndjson.gz'), gzipSync(JSON.stringify([ada])));
  await writeFile(join(world.folder, 'events.ndjson.gz'), gzipSync(gzipSync(lines(opened))));
  expect((await world.run(filesNamed('people.ndjson.gz', 'events.ndjson.gz'))).err).toContain('one JSON array');
  await writeFile(join(world.folder, 'people.ndjson.gz'), gzipSync(lines(ada)));
  expect((await world.run(filesNamed('people.ndjson.gz', 'events.ndjson.gz'))).err).toContain('inside of another');
  const { err } = await refused('{"a":1}\n', '');
  const [, path = ''] = /each refused line is in (\S+)\.$/m.exec(err) ?? [];
  expect(await readdir(join(path, '..'))).toContain('refused.ndjson');
});

test('half of the lines may be refused, and people of events alone are stored with an empty file', async () => {
  const half = await world.files([ada, 'x'], [opened]);
  expect(await world.report(half)).toMatchObject({ people: { stored: 1, refused: 1 } });
  const other = { ...opened, properties: { ...opened.properties, distinct_id: 43 } };
  expect(await world.report(await world.files([], [other]))).toMatchObject({ withoutProfile: 1 });
});
