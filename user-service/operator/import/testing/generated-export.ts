// An export as another tool would write one, of any size, the same for the same seed: people of whom some are there twice, under a
// number and under their address, events under either id, and among them all that an import must refuse, skip or find repeated.
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type SeededRandom, seededRandom } from 'foldline/testing';

export interface ExportSize {
  readonly people: number;
  readonly events: number;
}

export interface GeneratedExport {
  /** Packed. */
  readonly people: string;
  /** Plain. */
  readonly events: string;
}

const doubleShare = 0.3;
const firstTime = Date.UTC(2024, 0, 1) / 1000;
const names = ['Opened', 'Bought', 'Signed up', 'Scrolled', 'Left'];
const cities = ['Berlin', 'São Paulo', '東京', 'Ouagadougou', 'Reykjavík'];

/** Each breaks one rule; `{id}` stands for a distinct id that is legal. */
const brokenJson = [
  '{"event":"Opened","properties":{"distinct_id":"{id}"',
  '[{"event":"Opened"}]',
  '"Opened"',
  '{"$distinct_id":null,"event":"Opened","properties":{"distinct_id":null,"time":1700000000}}',
  '{"$distinct_id":" UNDEFINED ","event":"Opened","properties":{"distinct_id":" UNDEFINED ","time":1700000000}}',
  '{"$distinct_id":1.5,"event":"Opened","properties":{"distinct_id":1.5,"time":1700000000}}',
  '{"event":"Opened","properties":{"time":1700000000}}',
  '{"$distinct_id":"{id}","$properties":{"n":9007199254740993},"event":"Opened","properties":{"distinct_id":"{id}","time":1700000000}}',
];
const brokenEvents = [
  '{"event":"","properties":{"distinct_id":"{id}","time":1700000000}}',
  '{"properties":{"distinct_id":"{id}","time":1700000000}}',
  '{"event":"Opened","properties":{"distinct_id":"{id}"}}',
  '{"event":"Opened","properties":{"distinct_id":"{id}","time":"1700000000"}}',
  '{"event":"Opened","properties":{"distinct_id":"{id}","time":900000000}}',
  '{"event":"Opened","properties":{"distinct_id":"{id}","time":99000000000}}',
];
const blanks = ['', '   ', '\t'];

interface Someone {
  readonly number: number;
  readonly email: string | undefined;
  /** Known under the address as well. */
  readonly double: boolean;
}

export async function generateExport(
  folder: string,
  { people, events }: ExportSize,
  seed: number,
): Promise<GeneratedExport> {
  const random = seededRandom(seed);
  const files = { people: join(folder, 'people.ndjson.gz'), events: join(folder, 'events.ndjson') };
  const all = Array.from({ length: people }, (_, i) => someone(random, i));
  await writeLines(files.people, profiles(random, all));
  await writeLines(files.events, activities(random, all, events));
  return files;
}

function someone(random: SeededRandom, i: number): Someone {
  const double = random.next() < doubleShare;
  const address = double || random.next() < 0.8;
  return { number: 100_000 + i, email: address ? `Person.${i}@Example.org` : undefined, double };
}

function* profiles(random: SeededRandom, all: readonly Someone[]): Generator<string | Buffer> {
  for (const { number, email, double } of all) {
    const $created = '2024-01-01T00:00:00';
    const more =
      random.next() < 0.5 ? { $first_name: 'Ada', $last_name: `Nr ${number}`, $created } : { $name: 'Ada King' };
    const $email = email ?? random.pick(['none', '', 'n/a']);
    const $distinct_id = random.next() < 0.5 ? number : `${number}`;
    const profile = JSON.stringify({ $distinct_id, $properties: { ...more, $email, $city: random.pick(cities) } });
    yield profile;
    if (email && double) yield JSON.stringify({ $distinct_id: email, $properties: { $email: email.toLowerCase() } });
    if (random.next() < 0.02) yield profile;
    yield* strays(random, number, brokenJson);
  }
}

function* activities(random: SeededRandom, all: readonly Someone[], count: number): Generator<string | Buffer> {
  let insertIds = 0;
  for (let n = 0; n < count; n += 1) {
    const one = random.pick(all);
    const time = firstTime + n;
    // Some events name people of whom there is no profile.
    const id = random.next() < 0.01 ? `visitor-${random.below(all.length)}` : idOf(random, one);
    const event = random.pick(names);
    const more = { $city: random.pick(cities), n, price: random.below(10_000) / 100, tags: ['a', { b: null }] };
    insertIds += 1;
    const insert = random.next() < 0.9 ? { $insert_id: `i-${insertIds}` } : {};
    const properties = { distinct_id: id, time, ...insert, ...more };
    yield JSON.stringify({ event, properties });
    // A repeat may come under the other id, in the other unit of time, and with other properties.
    if (random.next() < 0.05) {
      const again = { ...properties, distinct_id: id === `${one.number}` ? idOf(random, one) : id, time: time * 1000 };
      yield JSON.stringify({ event, properties: random.next() < 0.5 ? again : { ...properties, retry: true } });
    }
    yield* strays(random, one.number, [...brokenJson, ...brokenEvents]);
  }
}

const idOf = (random: SeededRandom, { number, email, double }: Someone) =>
  double && random.next() < 0.5 ? (email ?? '') : `${number}`;

/** Now and then a line that is refused or blank. */
function* strays(random: SeededRandom, number: number, broken: readonly string[]): Generator<string | Buffer> {
  const chance = random.next();
  if (chance < 0.01) yield random.pick(broken).replaceAll('{id}', `${number}`);
  else if (chance < 0.012) yield Buffer.from(`{"$distinct_id":"${number}","a":"\xff"}`, 'latin1');
  else if (chance < 0.0121) yield JSON.stringify({ event: 'Long', $distinct_id: number, text: 'x'.repeat(262_144) });
  else if (chance < 0.02) yield random.pick(blanks);
}

/** Line ends of both kinds; the last line has none. */
async function writeLines(path: string, lines: Iterable<string | Buffer>): Promise<void> {
  const file = createWriteStream(path);
  const out = path.endsWith('.gz') ? createGzip({ level: 1 }) : file;
  if (out !== file) out.pipe(file);
  let count = 0;
  for (const line of lines) {
    const end = count === 0 ? '' : count % 7 === 0 ? '\r\n' : '\n';
    count += 1;
    if (!out.write(Buffer.concat([Buffer.from(end), Buffer.from(line)]))) await once(out, 'drain');
  }
  out.end();
  await finished(file);
}
