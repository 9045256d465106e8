// Goal: each rule is broken by its example and by no other, in one place that is told by file, line and key.
// Method: the example is laid over the shipped file, and `validate` is asked, beside a fake worker and topics in memory that
// already hold what is shipped. test/e2e/connect-lint.test.ts asks a real worker and a real broker the same.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectorShape, lintExamples } from '../testing/connector-text.ts';
import { type FakeWorker, startFakeWorker } from '../testing/fake-worker.ts';
import { inMemoryTopics } from '../testing/in-memory-topics.ts';
import { cliBeside } from '../testing/run-cli.ts';
import { editsBetween } from './nearest.ts';
import { type Finding, type RuleName, rules } from './rules.ts';

let worker: FakeWorker;
let folder: string;

beforeAll(async () => {
  worker = await startFakeWorker();
  worker.unknownKeys = new Set(['heartbeat.intervall.ms']);
  const { name, config } = connectorShape();
  worker.connectors.set(name, { config: { ...config, name }, state: 'RUNNING', tasks: [] });
});
afterAll(() => worker.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'foldline-lint-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function faultsOf(name: string, text: string) {
  const file = join(folder, `${name}.json`);
  await writeFile(file, text);
  const topics = inMemoryTopics();
  await topics.create(connectorShape().topic);
  const { code, out } = await cliBeside({ worker, topics })(['validate', file, '-o', 'json']);
  const { valid, faults } = JSON.parse(out) as { valid: boolean; faults: Finding[] };
  expect(code).toBe(valid ? 0 : 1);
  return { valid, faults, lines: text.split('\n') };
}

const examples = lintExamples();

test('every rule has an example, and every example a rule', () => {
  expect(examples.map(({ rule }) => rule)).toEqual(Object.keys(rules).sort());
});

test.each(examples)('$rule', async ({ rule, name, text }) => {
  const { valid, faults, lines } = await faultsOf(name, text);
  expect(faults.map((one) => one.rule)).toEqual([rule]);
  const { severity } = rules[rule as RuleName];
  expect(valid).toBe(severity === 'warning');
  const [fault] = faults;
  expect(fault).toMatchObject({ severity, file: expect.stringMatching(new RegExp(`${name}\\.json$`)) });
  // A key that is missing is looked for where it should be: in its parent.
  const key = fault?.key.replace(/^(topic\.config|config|topic)\./, '') ?? '';
  const line = lines[(fault?.line ?? 0) - 1] ?? '';
  expect(line).toContain(text.includes(`"${key}"`) ? `"${key}"` : '"config"');
});

test.each(['user-events', 'user-snapshots'])('the shipped %s breaks none', async (name) => {
  const { faults } = await faultsOf(name, JSON.stringify(connectorShape(name), null, 2));
  expect(faults).toEqual([]);
});

const variants: [string, RuleName, Record<string, string | undefined>][] = [
  ['mongo.errors.tolerance', 'errors-tolerated', { 'mongo.errors.tolerance': 'all' }],
  ['a heartbeat of 0', 'no-heartbeat', { 'heartbeat.interval.ms': '0' }],
  ['a predicate on another topic', 'heartbeat-transformed', { 'predicates.heartbeat.pattern': 'heartbeat' }],
  ['a predicate that is not listed', 'heartbeat-transformed', { predicates: '' }],
  ['a transform without a predicate', 'heartbeat-transformed', { 'transforms.contentType.predicate': undefined }],
  ['the default heartbeat topic', 'heartbeat-transformed', { 'heartbeat.topic.name': undefined }],
  ['a key that is not taken out', 'key-not-subject', { transforms: 'contentType' }],
  ['half a key', 'key-not-subject', { transforms: 'keyDocument,contentType' }],
  ['the wrong field', 'key-not-subject', { 'transforms.keySubject.field': 'id' }],
  ['a schema without the subject', 'key-not-subject', { 'output.schema.key': '{"type":"record","fields":[]}' }],
  ['a key in quotes', 'key-not-subject', { 'key.converter': 'org.apache.kafka.connect.json.JsonConverter' }],
  ['a password among options', 'literal-secret', { 'connection.uri': 'mongodb://h/?tlsCertificateKeyFilePassword=x' }],
  ['a password with a slash', 'literal-secret', { 'connection.uri': 'mongodb://u:a/b@h/' }],
  ['a password with a quote', 'literal-secret', { 'connection.uri': "mongodb://u:it's@h/" }],
  ['a secret under its own key', 'literal-secret', { 'connection.ssl.truststorePassword': 'hunter2' }],
  ['another collection', 'wrong-topic', { 'topic.namespace.map': '{"users.UserEvents":"other"}' }],
  ['an unknown group', 'unknown-topic-setting', { 'topic.creation.other.partitions': '4' }],
];

test.each(variants)('%s breaks %s as well', async (_what, rule, config) => {
  const shape = connectorShape();
  const text = JSON.stringify({ ...shape, config: { ...shape.config, ...config } }, null, 2);
  const { faults } = await faultsOf('user-events', text);
  expect(new Set(faults.map((one) => one.rule))).toEqual(new Set([rule]));
});

test('placeholders for user and password are no secret', async () => {
  const shape = connectorShape();
  const uri = `mongodb://\${dir:/run/secrets/foldline:user}:\${dir:/run/secrets/foldline:password}@h/`;
  const text = JSON.stringify({ ...shape, config: { ...shape.config, 'connection.uri': uri } });
  expect((await faultsOf('user-events', text)).faults).toEqual([]);
});

test('a literal password is refused and not repeated', async () => {
  const { text, name } = examples.find(({ rule }) => rule === 'literal-secret') ?? { text: '', name: '' };
  expect(text).toContain('hunter2');
  expect(JSON.stringify((await faultsOf(name, text)).faults)).not.toContain('hunter2');
});

test('a misspelt key is told what it most likely means, and a strange one is not', async () => {
  const details = async (rule: string) => {
    const { text, name } = examples.find((one) => one.rule === rule) ?? { text: '', name: '' };
    return (await faultsOf(name, text)).faults[0]?.detail;
  };
  expect(await details('unknown-key')).toContain('did you mean heartbeat.interval.ms?');
  expect(await details('unknown-topic-setting')).toContain('did you mean min.compaction.lag.ms?');
  expect([editsBetween('kitten', 'sitting'), editsBetween('same', 'same'), editsBetween('', 'abc')]).toEqual([3, 0, 3]);
  expect(editsBetween('a', 'abcdefgh')).toBeGreaterThan(3);
});
