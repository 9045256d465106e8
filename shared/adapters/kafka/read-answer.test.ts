// Goal: whatever stands in a batch, compressed or not, its consumer neither ends nor freezes, goes on after the batch, passes no record of
// another batch, and shows what it could not read. Method: batches made by hand, with any byte changed, through what kafkajs decodes
// answers by.
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { registerCodecs } from './codecs.ts';
import { batchFaultOf, writeVarInt } from './record-batch.ts';
import { batchOf, type DecodedMessage, decodeAnswer, decodeAnswerOf, withChecksum } from './testing/decode-answer.ts';

const plain = 0;
const gzip = 1;
const codecs = [
  ['no compression', plain],
  ['gzip', gzip],
] as const;

beforeAll(() => registerCodecs({ batchBytesMax: 16_777_216 }));

const offsetsOf = (messages: readonly DecodedMessage[]) => messages.map(({ offset }) => Number(offset));
const faultsOf = (messages: readonly DecodedMessage[]) => messages.map(({ value }) => batchFaultOf(value));

function varint(value: number): Buffer {
  const bytes = Buffer.alloc(5);
  return bytes.subarray(0, writeVarInt(bytes, 0, value));
}

const part = (text: string) => Buffer.concat([varint(text.length), Buffer.from(text)]);

function recordOf(delta: number, value: string, headers: readonly string[] = []): Buffer {
  const parts = headers.flatMap((name) => [part(name), part('x')]);
  const body = [Buffer.alloc(2), varint(delta), varint(-1), part(value), varint(headers.length), ...parts];
  const record = Buffer.concat(body);
  return Buffer.concat([varint(record.length), record]);
}

const recordsOf = (values: readonly string[]) => Buffer.concat(values.map((value, i) => recordOf(i, value)));

function batchIn(codec: number, records: Buffer, parts: Partial<Parameters<typeof batchOf>[0]> = {}): Buffer {
  return batchOf({ codec, compressed: codec === gzip ? gzipSync(records) : records, ...parts });
}

test.each([4, 5, 6, 7, 8, 9, 10, 11])('an answer to Fetch of version %i', async (version) => {
  const broken = batchIn(plain, recordsOf(['d', 'e', 'f']), { first: 43 });
  broken[65] = 0x7f;
  const batches = [batchIn(plain, recordsOf(['a', 'b', 'c'])), broken, batchIn(gzip, recordsOf(['g', 'h', 'i']))];
  batches[2]?.writeBigInt64BE(46n, 0);
  const messages = await decodeAnswerOf({ version }, ...batches);
  expect(offsetsOf(messages)).toEqual([40, 41, 42, 43, 44, 45, 46, 47, 48]);
  expect(messages.map(({ value }) => String(value)).join('')).toBe('abcghi');
  const fault =
    'the batch of offsets 43 to 45 (no compression) cannot be decoded: ' +
    'its checksum is wrong, so its bytes have changed since it was written';
  expect(faultsOf(messages).filter(Boolean)).toEqual([fault, fault, fault]);
});

test.each(codecs)('hazard: any byte after the checksum has changed: %s', async (_, codec) => {
  const before = batchIn(plain, recordsOf(['a', 'b', 'c']));
  const batch = batchIn(codec, recordsOf(['d', 'e', 'f']), { first: 43 });
  const after = batchIn(plain, recordsOf(['g', 'h', 'i']), { first: 46 });
  const change = fc.record({
    at: fc.integer({ min: 21, max: batch.length - 1 }),
    xor: fc.integer({ min: 1, max: 255 }),
    isLast: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(change, async ({ at, xor, isLast }) => {
      const changed = Buffer.from(batch);
      changed[at] = (changed[at] as number) ^ xor;
      const messages = isLast
        ? await decodeAnswerOf({ highWatermark: 46n }, before, changed)
        : await decodeAnswer(before, changed, after);
      const [first, second, third, ...others] = messages;
      expect(offsetsOf([first, second, third] as DecodedMessage[])).toEqual([40, 41, 42]);
      const replacements = isLast ? others : others.slice(0, -3);
      expect(replacements.length).toBeGreaterThan(0);
      for (const message of replacements) {
        expect(batchFaultOf(message.value)).toContain('its checksum is wrong');
        expect(Number(message.offset)).toBeGreaterThanOrEqual(43);
        expect(Number(message.offset)).toBeLessThan(46);
      }
      if (!isLast) expect(offsetsOf(others.slice(-3))).toEqual([46, 47, 48]);
    }),
    { numRuns: 500 },
  );
});

test('hazard: the first offset, for which no checksum stands, lies after the end of the log', async () => {
  const batch = batchIn(plain, recordsOf(['a', 'b', 'c']), { first: 400 });
  const messages = await decodeAnswerOf({ highWatermark: 43n }, batch);
  expect(offsetsOf(messages)).toEqual([42]);
  expect(faultsOf(messages)[0]).toContain('its offsets do not match its position in the batch');
});

test.each([
  ['a record that does not end', Buffer.concat([recordOf(0, 'a'), recordOf(1, 'b'), Buffer.from([60])])],
  ['a record too few', recordsOf(['a', 'b'])],
  ['a record too many', recordsOf(['a', 'b', 'c', 'd'])],
  ['records in another order', Buffer.concat([recordOf(1, 'b'), recordOf(0, 'a'), recordOf(2, 'c')])],
])('hazard: without compression, and with a right checksum: %s', async (_, records) => {
  const messages = await decodeAnswer(batchIn(plain, records));
  expect(offsetsOf(messages)).toEqual([40, 41, 42]);
  for (const fault of faultsOf(messages)) expect(fault).toContain('the batch of offsets 40 to 42 (no compression)');
});

test.each(codecs)('a message with 100,000 headers is read at once, with its neighbours: %s', async (_, codec) => {
  const many = Array.from({ length: 100_000 }, (__, i) => `h${i}`);
  const records = Buffer.concat([recordOf(0, 'a', ['one', 'two']), recordOf(1, 'b', many), recordOf(2, 'c')]);
  const begunMs = Date.now();
  const messages = await decodeAnswer(batchIn(codec, records));
  // kafkajs alone takes an hour.
  expect(Date.now() - begunMs).toBeLessThan(5000);
  expect(messages.map(({ value }) => String(value))).toEqual(['a', 'b', 'c']);
  expect(messages.map(({ headers }) => Object.keys(headers))).toEqual([['one', 'two'], [], []]);
});

test.each(codecs)('a batch of more records than kafkajs takes is held by its ends: %s', async (_, codec) => {
  const count = 130_000;
  const records = recordsOf(Array<string>(count).fill(''));
  const messages = await decodeAnswer(batchIn(codec, records, { count }), batchIn(plain, recordsOf(['a', 'b', 'c'])));
  expect(messages.length).toBe(1003);
  expect(offsetsOf(messages).slice(997, 1000)).toEqual([1037, 1038, 130_039]);
  expect(faultsOf(messages)[0]).toContain('cannot be decoded: it has 130000 records, more than 65536');
  expect(faultsOf(messages).slice(-3)).toEqual([undefined, undefined, undefined]);
});

test('a header that says it has 2,000,000,000 records', async () => {
  const count = 2_000_000_000;
  const messages = await decodeAnswer(batchIn(gzip, recordsOf(['a']), { count }));
  expect(messages.length).toBe(1000);
  expect(offsetsOf(messages).at(-1)).toBe(count + 39);
});

test('a batch of which compaction has left nothing is one control record: kafkajs passes it, and hands none on', async () => {
  const empty = withChecksum(batchIn(plain, Buffer.alloc(0), { count: 0, lastDelta: 9 }));
  const after = batchIn(plain, recordsOf(['a', 'b', 'c']), { first: 50 });
  for (const [answer, others] of [
    [[empty], []],
    [
      [empty, after],
      [50, 51, 52],
    ],
  ] as const) {
    const [passed, ...messages] = await decodeAnswer(...answer.map((batch) => Buffer.from(batch)));
    expect(passed).toMatchObject({ offset: '49', isControlRecord: true, attributes: 0 });
    expect(offsetsOf(messages)).toEqual(others);
  }
});
