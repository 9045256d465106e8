// Goal: two sides that hold the same have the same digests whatever order they came in, one changed document changes one bucket,
// and memory follows the number of buckets. Method: random entries, and a bucket computed once more from its description.
import { createHash } from 'node:crypto';
import { newSubject, seededRandom } from '../../testing/index.ts';
import { testSeed } from '../../testing/workspace/index.ts';
import { bucketBitsFor, bucketDigestsOf, bucketOf, createBucketSums, differingBuckets } from './buckets.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const entryFor = (subject: string) => ({ subject, contentDigest: sha256(`content of ${subject}`) });
const entries = Array.from({ length: 500 }, () => entryFor(newSubject('thing')));

test('a bucket holds about 25 documents, between 1 bucket and 65,536', () => {
  const documents = [0, 1, 25, 35, 36, 50, 5_000, 100_000, 1_638_400, 1e9];
  expect(documents.map(bucketBitsFor)).toEqual([0, 0, 0, 0, 1, 1, 8, 12, 16, 16]);
  for (let count = 20; count < 1e6; count *= 1.3) {
    const each = count / 2 ** bucketBitsFor(count);
    expect(each > 17 && each < 36).toBe(true);
  }
});

test('the bucket is the first bits of SHA-256(subject)', () => {
  // printf 'user-a' | sha256sum begins with fc95, which is 1111 1100 1001 0101.
  expect([0, 1, 5, 12, 16].map((bits) => bucketOf('user-a', bits))).toEqual([0, 1, 0b11111, 0xfc9, 0xfc95]);
});

test('a digest is the chain of its subjects in order, and of what each holds', () => {
  const [a, b] = [entryFor('thing-a'), entryFor('thing-b')];
  const first = sha256(`\nthing-a\n${a.contentDigest}`);
  const digest = sha256(`${first}\nthing-b\n${b.contentDigest}`);
  expect(bucketDigestsOf(0, [b, a])).toEqual({
    bits: 0,
    documents: 2,
    buckets: new Map([[0, { documents: 2, digest }]]),
  });
});

test('the order in which entries come is no part of it', () => {
  const seed = testSeed();
  const random = seededRandom(seed);
  const shuffled = [...entries].sort(() => random.next() - 0.5);
  expect([seed, bucketDigestsOf(4, shuffled)]).toEqual([seed, bucketDigestsOf(4, entries)]);
});

test('hazard: entries that come out of order would give a digest that says nothing; they are refused', () => {
  const sums = createBucketSums(0);
  sums.add(entryFor('thing-b'));
  expect(() => sums.add(entryFor('thing-a'))).toThrow('in order');
  expect(() => sums.add(entryFor('thing-b'))).toThrow('in order');
});

test.each<[string, (list: typeof entries) => typeof entries]>([
  ['changed', ([first, ...rest]) => [{ subject: first?.subject ?? '', contentDigest: sha256('other') }, ...rest]],
  ['gone', ([, ...rest]) => rest],
  [
    'moved under another name',
    ([first, ...rest]) => [...rest, { ...entryFor('thing-x'), contentDigest: first?.contentDigest ?? '' }],
  ],
])('one document that is %s changes its bucket, and no other', (_, change) => {
  const before = bucketDigestsOf(6, entries);
  const after = bucketDigestsOf(6, change(entries));
  const touched = [entries[0]?.subject ?? '', ...change(entries).map(({ subject }) => subject)].filter(
    (subject, i) => i === 0 || !entries.some((one) => one.subject === subject),
  );
  expect(differingBuckets(before, after)).toEqual(
    [...new Set(touched.map((s) => bucketOf(s, 6)))].sort((a, b) => a - b),
  );
  expect(differingBuckets(before, before)).toEqual([]);
});

test('a bucket that only one side has differs', () => {
  const nothing = bucketDigestsOf(6, []);
  expect(differingBuckets(nothing, bucketDigestsOf(6, entries))).toHaveLength(bucketDigestsOf(6, entries).buckets.size);
});

test('what is kept while scanning grows with the buckets, not with the documents', () => {
  const sums = createBucketSums(3);
  for (let i = 0; i < 5000; i += 1) sums.add(entryFor(`thing-${String(i).padStart(6, '0')}`));
  const { documents, buckets } = sums.digests();
  expect([documents, buckets.size]).toEqual([5000, 8]);
  // A digest, a count and the last subject for each bucket: text that holds every subject would be longer by far.
  expect(JSON.stringify([...buckets]).length).toBeLessThan(8 * 200);
});
