// Goal: what was ever stored stays readable, word for word. Method: a stored sample of every type and what it must be read as;
// samples are only added to, so a published one that changes fails against the list of their SHA-256.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkStrictly, decoderOf } from 'foldline/contracts';
import { readEnvelope } from 'foldline/engine';
import { categoryContracts, itemContracts } from './catalogue.ts';
import { orderContracts } from './orders.ts';
import { userContracts, userHistoryContracts } from './users.ts';

const folder = join(__dirname, '..', 'golden');
const allContracts = {
  ...userContracts,
  ...userHistoryContracts,
  ...categoryContracts,
  ...itemContracts,
  ...orderContracts,
};
const samples = readdirSync(folder).filter((name) => name.endsWith('.json'));

interface Sample {
  readonly stored: { readonly type: string; readonly data: Readonly<Record<string, unknown>> };
  readonly decoded: unknown;
}

const textOf = (name: string) => readFileSync(join(folder, name), 'utf8');
const sampleOf = (name: string) => JSON.parse(textOf(name)) as Sample;

test('every declared type has a sample, and every sample a declared type', () => {
  expect(samples.toSorted()).toEqual(
    Object.keys(allContracts)
      .map((type) => `${type}.json`)
      .toSorted(),
  );
});

test.each(samples)('%s reads as written, also with keys that nobody knows yet', (name) => {
  const { stored, decoded } = sampleOf(name);
  const reading = readEnvelope(stored);
  if (!('event' in reading)) throw new Error(`${name}: ${reading.fault}`);
  expect(`${reading.event.type}.json`).toBe(name);
  const decode = decoderOf(allContracts);
  expect(decode(reading.event)).toEqual({ kind: 'known', event: decoded });
  const later = { ...reading.event, data: { ...reading.event.data, addedLater: { by: 'somebody' } } };
  expect(decode(later)).toEqual({ kind: 'known', event: decoded });
});

test.each(samples)('%s is what a producer may write', (name) => {
  const { stored } = sampleOf(name);
  expect(() => checkStrictly(allContracts, stored)).not.toThrow();
  expect(() => checkStrictly(allContracts, { ...stored, data: { ...stored.data, unknown: 1 } })).toThrow('unknown');
});

test('published samples are as they were published; a new one is added to SHA256SUMS by `sha256sum *.json > SHA256SUMS`', () => {
  const published = new Map(
    textOf('SHA256SUMS')
      .trim()
      .split('\n')
      .map((line) => line.split(/\s+/).reverse() as [string, string]),
  );
  const actual = new Map(samples.map((name) => [name, createHash('sha256').update(textOf(name)).digest('hex')]));
  expect(actual).toEqual(published);
});
