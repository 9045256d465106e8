// Goal: what others are told of events is what the code means, is a valid document for their tools, and never breaks a promise.
// Method: pages and published schemas are compared with the registry, samples with their schemas; a real AsyncAPI parser reads the
// document; the connector files say the same of their topics.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Parser } from '@asyncapi/parser';
import {
  contractDocuments,
  contractsRelease,
  eventTopics,
  snapshotTopic,
  topicSettings,
  userSnapshot_v1,
} from '@foldline/contracts';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { breaksOf, exampleOf, personalMark } from 'foldline/contracts';
import { readEnvelope } from 'foldline/engine';
import {
  byRelease,
  contractPages,
  jsonText,
  promisedSchemas,
  publishedFolder,
  publishedSchemas,
} from './rules/contract-pages.ts';
import { filesUnder, root, shippedConnectors } from './rules/sources.ts';

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const json = (path: string) => JSON.parse(read(path));
const published = publishedSchemas(root);
const promised = promisedSchemas();

const ajv = addFormats.default(new Ajv.default({ strict: true, allErrors: true, validateFormats: true }));
ajv.addVocabulary([personalMark]);
const faultsOf = (schema: object, value: unknown) =>
  ajv.validate(schema, value)
    ? []
    : (ajv.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);

test('the pages are what the registry says; `npm run docs` writes them', () => {
  const written = [...filesUnder('docs/schemas', '.json'), 'docs/asyncapi.json'];
  const pages = contractPages();
  expect(written.sort()).toEqual([...pages.keys()].sort());
  for (const [path, text] of pages) expect([path, read(path)]).toEqual([path, text]);
});

test('the AsyncAPI document is valid for the parser of its makers, and a broken one is not', async () => {
  const parser = new Parser();
  const worse = async (document: object) =>
    (await parser.parse(JSON.stringify(document))).diagnostics.filter(({ severity }) => severity < 2);
  expect(await worse(contractDocuments.asyncApi)).toEqual([]);
  const { document } = await parser.parse(JSON.stringify(contractDocuments.asyncApi));
  expect(
    document
      ?.allMessages()
      .all()
      .map((message) => message.id())
      .sort(),
  ).toEqual(Object.keys(contractDocuments.schemas).sort());
  expect(
    (await worse({ ...contractDocuments.asyncApi, operations: { a: { action: 'shout' } } })).length,
  ).toBeGreaterThan(0);
});

test('nothing that was published is broken', () => {
  expect(published.flatMap(({ type, schema }) => breaksOf(type, schema, promised.get(type)))).toEqual([]);
});

test('a break would be told with type and field', () => {
  const { type, schema } = published.find((one) => one.type === 'userCreated_v2') ?? { type: '', schema: {} };
  const now = JSON.parse(JSON.stringify(promised.get(type)));
  delete now.properties.data.properties.email;
  expect(breaksOf(type, schema, now)).toEqual(['userCreated_v2.data.email: was removed; older consumers read it']);
});

test('every contract is published as it is now; `npm run docs` publishes a new one under the release of package.json', () => {
  const newest = new Map(published.map(({ type, schema }) => [type, jsonText(schema)]));
  expect(newest).toEqual(new Map([...promised].map(([type, schema]) => [type, jsonText(schema)])));
  expect(contractsRelease).toBe(json('package.json').version);
});

test('what was published is as it was published', () => {
  const sums = (release: string) => read(`${publishedFolder}/${release}/SHA256SUMS`);
  for (const release of new Set(published.map((one) => one.release))) {
    const lines = published
      .filter((one) => one.release === release)
      .map(({ type, path }) => `${createHash('sha256').update(read(path)).digest('hex')}  ${type}.json\n`);
    expect(lines.join('')).toBe(sums(release));
  }
});

test('releases are in order of their numbers', () => {
  expect(['0.10.0', '0.9.0', '0.9.1', '1.0.0', '0.9.0'].sort(byRelease)).toEqual([
    '0.9.0',
    '0.9.0',
    '0.9.1',
    '0.10.0',
    '1.0.0',
  ]);
});

describe.each(Object.entries(contractDocuments.schemas))('%s', (type, schema) => {
  test('the example of the document fits, and the readers of this code take it', () => {
    const example = exampleOf(schema);
    expect(faultsOf(schema, example)).toEqual([]);
    if (type === 'userSnapshot_v1') expect(userSnapshot_v1.safeParse(example).error).toBeUndefined();
    else expect(readEnvelope(example)).toHaveProperty('event');
  });
});

test.each(filesUnder('contracts/golden', '.json'))('%s fits its schema, and without data it does not', (path) => {
  const { stored } = json(path);
  const schema = contractDocuments.schemas[stored.type] ?? {};
  expect(faultsOf(schema, stored)).toEqual([]);
  expect(faultsOf(schema, { ...stored, addedLater: 1, data: { ...stored.data, addedLater: 1 } })).toEqual([]);
  const { data: _data, ...without } = stored;
  expect(faultsOf(schema, without)).toEqual([" must have required property 'data'"]);
});

test('the shipped connector files make the topics that the document describes', () => {
  const topics = shippedConnectors.map((path) => json(path).topic);
  const textOf = (settings: object) =>
    Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]));
  const expected = [
    ...Object.keys(eventTopics).map((name) => ({ name, config: textOf(topicSettings.events) })),
    { name: snapshotTopic.name, config: textOf(topicSettings.snapshots) },
  ].map((topic) => ({ ...topic, partitions: topicSettings.partitions }));
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
  expect(topics.sort(byName)).toEqual(expected.sort(byName));
});
