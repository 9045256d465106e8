// Goal: a shop of an earlier release reads what is written now, and the shop of now reads every golden sample of earlier ones, both
// to the same views. Method: the shop's real folds; a shop of release r reads only what the schemas published until r let through,
// and passes over types that came later. The previous set are the samples of all releases in the folder of published schemas.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import type { JsonSchema } from 'foldline/contracts';
import { type Decode, type DomainEvent, kindOf, type StoredEvent, stemOf, type View } from 'foldline/engine';
import { shopProjections } from './law/shop.ts';
import { byRelease, publishedSchemas } from './rules/contract-pages.ts';
import { filesUnder, root } from './rules/sources.ts';

const ajv = addFormats.default(new Ajv.default({ strict: false }));
const published = publishedSchemas(root);
const releases = [...new Set(published.map(({ release }) => release))];
const samples: StoredEvent[] = filesUnder('contracts/golden', '.json').map(
  (path) => JSON.parse(readFileSync(join(root, path), 'utf8')).stored,
);
const createdBy: Readonly<Record<string, string>> = {
  user: 'userCreated_v2',
  category: 'categoryCreated_v1',
  item: 'itemAdded_v1',
  order: 'orderPlaced_v1',
};

/** Reads as a consumer that was built at `release`: by the schemas of then. */
function readsAsOf(release: string, schemas: readonly { type: string; schema: JsonSchema; release: string }[]) {
  const known = new Map(
    schemas.filter((one) => byRelease(one.release, release) <= 0).map((one) => [one.type, one.schema]),
  );
  const stems = new Set([...known.keys()].map(stemOf));
  return (decode: Decode<DomainEvent>, event: StoredEvent): DomainEvent | 'ignored' | 'unreadable' => {
    const schema = known.get(event.type);
    if (!schema) return stems.has(stemOf(event.type)) ? 'unreadable' : 'ignored';
    const decoded = decode(event);
    if (decoded.kind === 'ignored') return 'ignored';
    return ajv.validate(schema, event) && decoded.kind === 'known' ? decoded.event : 'unreadable';
  };
}

/** What the shop makes of the sample after its subject was created; undefined when it cannot be read. */
function viewAfter(sample: StoredEvent, read: ReturnType<typeof readsAsOf>): View | 'unreadable' {
  const kind = kindOf(sample.subject);
  const projection = shopProjections.find((one) => one.kind === kind);
  if (!projection) throw new Error(`The shop folds nothing of kind ${kind}.`);
  let view = projection.initialState;
  for (const event of samples.filter(({ type }) => type === createdBy[kind]).concat(sample)) {
    const decoded = read(projection.decode, event);
    if (decoded === 'unreadable') return decoded;
    if (decoded !== 'ignored') view = projection.evolve(view, decoded);
  }
  return view;
}

const today = readsAsOf(releases.at(-1) ?? '', published);

test('there is at least one release, and the shop of now reads every sample', () => {
  expect(releases.length).toBeGreaterThan(0);
  // Written down when each sample was published, and only added to, as the samples are.
  const views = JSON.parse(readFileSync(join(root, 'test/golden-views.json'), 'utf8'));
  expect(Object.fromEntries(samples.map((sample) => [sample.type, viewAfter(sample, today)]))).toEqual(views);
});

test.each(releases)('a shop of release %s makes of what is written now what the shop of now makes of it', (release) => {
  const then = readsAsOf(release, published);
  const known = new Set(published.filter((one) => byRelease(one.release, release) <= 0).map(({ type }) => type));
  const shared = samples.filter(({ type }) => known.has(type));
  expect(shared.length).toBeGreaterThan(0);
  for (const sample of shared) {
    const later = { ...sample, addedLater: 1, data: { ...sample.data, addedLater: { by: 'somebody' } } };
    expect([sample.type, viewAfter(later, then)]).toEqual([sample.type, viewAfter(sample, today)]);
  }
});

test('a shop that was promised otherwise would be caught, and a version that came later holds its subject', () => {
  const sample = samples.find(({ type }) => type === 'userEmailChanged_v1');
  if (!sample) throw new Error('there is no sample of userEmailChanged_v1');
  const promisedElse = published.map((one) =>
    one.type === sample.type
      ? { ...one, schema: { properties: { data: { type: 'object', required: ['address'] } } } }
      : one,
  );
  expect(viewAfter(sample, readsAsOf(releases.at(-1) ?? '', promisedElse))).toBe('unreadable');
  expect(viewAfter({ ...sample, type: 'userEmailChanged_v2' }, today)).toBe('unreadable');
  expect(viewAfter({ ...sample, type: 'userPraised_v1' }, today)).toMatchObject({ state: 'available' });
});
