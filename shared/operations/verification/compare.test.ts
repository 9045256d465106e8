// Goal: each way in which a copy can differ has one name, and what is only on its way has none. Method: a table of every kind, and
// pairs of looks.

import { fold } from '../../engine/index.ts';
import { eventOf } from '../../testing/index.ts';
import { thingProjection } from '../../testing/workspace/thing.ts';
import { confirmed, type Difference, differencesBetween } from './compare.ts';
import { contentDigest, type DigestEntry, entryOf, wholeForm } from './content.ts';

const subject = 'thing-018f0000-0000-7000-8000-000000000001';
const at = (version: number, more: Partial<DigestEntry> = {}): DigestEntry => ({
  subject,
  version,
  eventsDigest: `events ${version}`,
  contentDigest: `content ${version}`,
  ...more,
});

test.each<[string, DigestEntry | undefined, DigestEntry | undefined, string | undefined]>([
  ['nowhere', undefined, undefined, undefined],
  ['the same', at(3), at(3), undefined],
  ['no copy', undefined, at(3), 'missing'],
  ['no source', at(3), undefined, 'extra'],
  ['a lower version', at(2), at(3), 'behind'],
  ['a higher version', at(4), at(3), 'ahead'],
  ['other events', at(3, { eventsDigest: 'others' }), at(3), 'forked'],
  ['other events that end in the same content', at(3, { eventsDigest: 'others' }), at(3), 'forked'],
  ['other content', at(3, { contentDigest: 'other' }), at(3), 'different'],
  ['no version at all', at(0), at(3), 'behind'],
  ['written by another fold', at(3, { contentDigest: 'other', otherFold: true }), at(3), undefined],
  ['written by another fold, of no event', at(3, { otherFold: true }), undefined, undefined],
])('%s', (_, copy, source, kind) => {
  const found = differencesBetween(copy ? [copy] : [], source ? [source] : []);
  expect(found).toEqual(kind ? [{ kind, subject, copy, source }] : []);
});

test('differences come in order of subjects', () => {
  const entries = ['c', 'a', 'b'].map((name) => at(1, { subject: name }));
  expect(differencesBetween(entries, []).map((one) => one.subject)).toEqual(['a', 'b', 'c']);
});

test.each<[string, Difference[], Difference[], number]>([
  ['stayed as it was', differencesBetween([at(2)], [at(3)]), differencesBetween([at(2)], [at(3)]), 1],
  ['arrived', differencesBetween([at(2)], [at(3)]), [], 0],
  ['came further, and is behind still', differencesBetween([at(2)], [at(3)]), differencesBetween([at(3)], [at(4)]), 0],
  ['is behind newer news', differencesBetween([at(2)], [at(3)]), differencesBetween([at(2)], [at(4)]), 0],
  ['was missing, and is behind now', differencesBetween([], [at(2)]), differencesBetween([at(1)], [at(2)]), 0],
  [
    'changed by hand in between',
    differencesBetween([at(3, { contentDigest: 'a' })], [at(3)]),
    differencesBetween([at(3, { contentDigest: 'b' })], [at(3)]),
    0,
  ],
])('what %s between two looks', (_, first, second, findings) => {
  const result = confirmed(first, second);
  expect([result.findings.length, result.moving]).toEqual([findings, 1 - findings]);
});

test('what is seen at the second look only is left to the next verification', () => {
  expect(confirmed([], differencesBetween([], [at(1)]))).toEqual({ findings: [], moving: 0 });
});

describe('the content digest', () => {
  const { document } = fold(thingProjection, undefined, [
    eventOf({ subject, type: 'thingNamed_v2', data: { name: 'a' } }),
  ]);
  if (!document) throw new Error('nothing was folded');
  const digest = entryOf(wholeForm, document).contentDigest;

  test('knows neither the order of fields nor the number of the fold', () => {
    const { _id, ...rest } = document;
    const turned = { ...Object.fromEntries(Object.entries(rest).reverse()), _id } as typeof document;
    expect(entryOf(wholeForm, turned).contentDigest).toBe(digest);
    expect(entryOf(wholeForm, { ...document, foldVersion: 9 }).contentDigest).toBe(digest);
  });

  test.each<[string, object]>([
    ['a field of the payload', { data: { ...document.data, name: 'b' } }],
    ['a field that no fold writes', { data: { ...document.data, more: 1 } }],
    ['a field beside the payload', { note: 'by hand' }],
    ['the state', { state: 'removed' }],
    ['a time', { time: new Date(1) }],
    ['the last event', { lastEventId: 'other' }],
    ['a number that is none', { data: { ...document.data, name: Number.NaN } }],
    ['a payload that is gone', { data: undefined }],
  ])('sees a change by hand of %s', (_, change) => {
    expect(entryOf(wholeForm, { ...document, ...change }).contentDigest).not.toBe(digest);
  });

  test('is SHA-256 of the canonical JSON', () => {
    // printf '{"a":1,"b":"x"}' | sha256sum
    const known = 'ecf9e98ec0641e23113ff3ce8bdc78d0ddd249886517fd4a7f68cc83d4e65667';
    expect(contentDigest({ b: 'x', a: 1 })).toBe(known);
  });
});
