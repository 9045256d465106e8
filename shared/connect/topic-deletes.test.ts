// Goal: no apply makes a broker delete records that a topic keeps, unless somebody says so; an empty topic is brought up to date without
// a question. Method: whole command lines beside a fake worker and topics in memory; each way to delete records is tried.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectorShape, connectorText } from './testing/connector-text.ts';
import { placeForEachTest } from './testing/run-cli.ts';

const place = placeForEachTest(async () => {
  expect((await run(['apply', place.folder])).code).toBe(0);
  for (const name of ['user-events', 'user-snapshots']) place.topics.records.set(name, 22);
  place.worker.requests.length = 0;
});
const { run } = place;

const changing = () => place.worker.requests.filter((request) => !/^GET|\/config\/validate$/.test(request));
const settingsOf = (name: string) => place.topics.topics.get(name)?.config;

async function write(name: string, config: Readonly<Record<string, string>>): Promise<void> {
  const shape = connectorShape(name);
  const created = Object.fromEntries(Object.entries(config).map(([key, to]) => [`topic.creation.default.${key}`, to]));
  const topic = { ...shape.topic, config: { ...shape.topic.config, ...config } };
  await writeFile(
    join(place.folder, `${name}.json`),
    connectorText({ ...shape, topic, config: { ...shape.config, ...created } }),
  );
}

test.each<[string, string, () => Promise<unknown>, string]>([
  [
    'a topic of events is declared to hold snapshots',
    'user-snapshots',
    () => place.topics.alter('user-snapshots', { 'cleanup.policy': 'delete' }),
    'cleanup.policy = compact (was delete)',
  ],
  [
    'events are kept for a day',
    'user-events',
    () => write('user-events', { 'retention.ms': '86400000' }),
    'retention.ms = 86400000 (was -1)',
  ],
  [
    'a limit by size becomes smaller',
    'user-events',
    async () => {
      await place.topics.alter('user-events', { 'retention.bytes': '9000000' });
      await write('user-events', { 'retention.bytes': '1000000' });
    },
    'retention.bytes = 1000000 (was 9000000)',
  ],
  [
    'a compacted topic begins to delete what is old',
    'user-events',
    async () => {
      await place.topics.alter('user-events', { 'cleanup.policy': 'compact', 'retention.ms': '1000' });
      await write('user-events', { 'retention.ms': '1000' });
    },
    'cleanup.policy = delete (was compact)',
  ],
])('%s: plan and apply refuse before anything is changed', async (_what, topic, given, words) => {
  await given();
  const before = settingsOf(topic);
  for (const verb of ['plan', 'apply']) {
    const { code, out } = await run([verb, place.folder]);
    expect([code, out]).toEqual([1, expect.stringContaining(words)]);
    expect(out).toContain('npm run connect -- apply --delete-records');
    const { wouldDelete } = JSON.parse((await run([verb, place.folder, '-o', 'json'])).out);
    expect(wouldDelete).toMatchObject([{ topic }]);
  }
  expect([changing(), settingsOf(topic)]).toEqual([[], before]);

  expect((await run(['plan', place.folder, '--delete-records'])).code).toBe(3);
  expect((await run(['apply', place.folder, '--delete-records'])).code).toBe(0);
  expect(settingsOf(topic)).not.toEqual(before);
});

test.each<[string, () => Promise<unknown>]>([
  [
    'the topic is empty',
    async () => {
      place.topics.records.clear();
      await place.topics.alter('user-snapshots', { 'cleanup.policy': 'delete' });
    },
  ],
  ['records are kept for longer', () => place.topics.alter('user-events', { 'retention.ms': '1000' })],
  ['a topic of events stops to compact', () => place.topics.alter('user-events', { 'cleanup.policy': 'compact' })],
  ['another setting differs', () => place.topics.alter('user-events', { 'max.message.bytes': '9' })],
])('nothing is refused when %s', async (_what, given) => {
  await given();
  expect((await run(['apply', place.folder])).code).toBe(0);
});
