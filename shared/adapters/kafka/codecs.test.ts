// Goal: every compression that Kafka knows is read; a batch that cannot be decoded becomes as many unreadable records as its header says,
// whatever its bytes are, and no batch takes more memory than it may. Method: batches that Java's client wrote, changed byte by byte and
// made by hand, through what kafkajs decodes answers by.
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { compressFrameSync } from 'lz4-napi';
import { compressSync } from 'snappy';
import { registerCodecs } from './codecs.ts';
import { batchFaultOf } from './record-batch.ts';
import { batchOf, type DecodedMessage, decodeAnswer, withChecksum } from './testing/decode-answer.ts';
import { javaBatches, javaMessageSets } from './testing/java-batches.ts';

const batchBytesMax = 1_048_576;
const ids = { gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const;
const headerBytes = 61;
const batches = Object.entries(javaBatches).map(([name, hex]) => [name, Buffer.from(hex, 'hex')] as const);
const gzipped = (bytes: Buffer) => ({ codec: ids.gzip, compressed: gzipSync(bytes) });

beforeAll(() => registerCodecs({ batchBytesMax }));

const offsetsOf = (messages: readonly DecodedMessage[]) => messages.map(({ offset }) => offset);
const faultsOf = (messages: readonly DecodedMessage[]) => new Set(messages.map(({ value }) => batchFaultOf(value)));

/** Every record says the same reason. */
async function faultOf(batch: Buffer, offsets = ['40', '41', '42']): Promise<string> {
  const messages = await decodeAnswer(batch);
  expect(offsetsOf(messages)).toEqual(offsets);
  const [fault, ...others] = faultsOf(messages);
  expect(others).toEqual([]);
  return fault ?? 'none';
}

test.each(batches)('%s, as the Java client writes it', async (_, batch) => {
  const messages = await decodeAnswer(batch);
  expect(offsetsOf(messages)).toEqual(['40', '41', '42']);
  expect(messages.map(({ key }) => String(key))).toEqual(['user-0', 'user-1', 'user-2']);
  expect(messages.map(({ value }) => JSON.parse(String(value)).n)).toEqual([0, 1, 2]);
  expect(messages.map(({ headers }) => String(headers['content-type']))).toEqual(Array(3).fill('application/json'));
  expect([...faultsOf(messages)]).toEqual([undefined]);
});

test('snappy without a framing, as clients in C write it', async () => {
  const compressed = compressSync(recordsOf(['a', 'b', 'c']));
  const messages = await decodeAnswer(batchOf({ codec: ids.snappy, compressed }));
  expect(messages.map(({ value }) => String(value))).toEqual(['a', 'b', 'c']);
});

test.each(Object.entries(javaMessageSets))('a message set of %s', async (name, hex) => {
  const decoding = decodeAnswer(Buffer.from(hex, 'hex'));
  // Clients before Kafka 0.10 wrote a checksum of LZ4 that is wrong by the format of LZ4.
  if (name === 'format 0, lz4')
    return expect(decoding).rejects.toThrow('message set (lz4) in the format of Kafka before');
  const messages = await decoding;
  expect(offsetsOf(messages)).toEqual(['40', '41', '42']);
  expect(messages.map(({ value }) => JSON.parse(String(value)).n)).toEqual([0, 1, 2]);
});

test.each(batches)('hazard: any byte of the records in %s was changed', async (_, batch) => {
  const change = fc.record({ at: fc.nat(batch.length - headerBytes - 1), xor: fc.integer({ min: 1, max: 255 }) });
  await fc.assert(
    fc.asyncProperty(change, async ({ at, xor }) => {
      const changed = Buffer.from(batch);
      changed[headerBytes + at] = (changed[headerBytes + at] as number) ^ xor;
      expect(await faultOf(changed)).toMatch(
        /^the batch of offsets 40 to 42 \(\w+\) cannot be decoded: its checksum is wrong/,
      );
    }),
  );
});

test.each(batches)('hazard: the records of %s were wrong before their checksum was made', async (_, batch) => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 8 });
  const changes = fc.record({ at: fc.nat(batch.length - headerBytes - 1), bytes, isCut: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(changes, async ({ at, bytes: others, isCut }) => {
      const changed = Buffer.from(isCut ? batch.subarray(0, headerBytes + at + 1) : batch);
      changed.set(others.subarray(0, changed.length - headerBytes - at), headerBytes + at);
      changed.writeInt32BE(changed.length - 12, 8);
      const messages = await decodeAnswer(withChecksum(changed));
      expect(offsetsOf(messages)).toEqual(['40', '41', '42']);
      for (const { value } of messages) expect(batchFaultOf(value)?.length ?? 0).toBeLessThan(200);
    }),
    { numRuns: 300 },
  );
});

test.each([5, 6, 7])('a codec that nobody has defined: %i', async (codec) => {
  const fault = await faultOf(batchOf({ codec, compressed: recordsOf(['a', 'b', 'c']) }));
  expect(fault).toBe(`the batch of offsets 40 to 42 (codec ${codec}) cannot be decoded: this codec is not known`);
});

const tooMuch = Buffer.alloc(batchBytesMax + 1);
test.each([
  ['gzip', ids.gzip, gzipSync(tooMuch)],
  ['snappy', ids.snappy, compressSync(tooMuch)],
  ['snappy with a length of 4 GiB', ids.snappy, Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0x00])],
  ['snappy in blocks', ids.snappy, xerialOf(Array(17).fill(Buffer.alloc(65_536)))],
  ['lz4', ids.lz4, compressFrameSync(tooMuch)],
  ['lz4 of 2 GB', ids.lz4, lz4Of(Array(2000).fill(compressFrameSync(tooMuch)))],
  ['zstd', ids.zstd, zstdOfZeros(9)],
  ['zstd of 1 GiB', ids.zstd, zstdOfZeros(8192)],
  ['zstd that wants a window of 2 GiB', ids.zstd, zstdOfZeros(9, 0xa8)],
  ['zstd in many frames', ids.zstd, Buffer.concat(Array(20_000).fill(zstdOfZeros(1)))],
  ['zstd that says it has 4 GiB', ids.zstd, Buffer.from('28b52ffda0ffffffff0100002800', 'hex')],
])('more than a batch may hold: %s', async (_, codec, compressed) => {
  expect(await faultOf(batchOf({ codec, compressed }))).toMatch(/it holds more than the 1048576 bytes of KAFKA_BATCH/);
});

test('lz4 in many small blocks, as from a client that ends a block after each record', async () => {
  const records = ['a', 'b', 'c'].map((letter) => letter.repeat(40_000));
  const whole = recordsOf(records);
  const parts = Array.from({ length: whole.length / 1000 + 1 }, (_, i) => whole.subarray(i * 1000, (i + 1) * 1000));
  // Each of the 121 blocks could give 64 KiB, which together were more than a batch may hold.
  const compressed = lz4Of(parts.map((part) => compressFrameSync(part)));
  const messages = await decodeAnswer(batchOf({ codec: ids.lz4, compressed }));
  expect(messages.map(({ value }) => String(value) === records.shift())).toEqual([true, true, true]);
});

test('a window larger than the records need is no reason to refuse them', async () => {
  const [, batch] = batches.find(([name]) => name === 'zstd') as (typeof batches)[number];
  const compressed = Buffer.from(batch.subarray(headerBytes));
  // The windows of the highest level, 128 MiB.
  compressed.writeUInt8(0x88, 5);
  expect(await faultOf(batchOf({ codec: ids.zstd, compressed }))).toBe('none');
});

const varint = (value: number) => [((value << 1) ^ (value >> 31)) & 0x7f];
test.each([
  ['fewer records than its header says', recordsOf(['a', 'b'])],
  ['more records than its header says', recordsOf(['a', 'b', 'c', 'd'])],
  ['no byte', Buffer.alloc(0)],
  ['records in another order', Buffer.concat([recordOf(1), recordOf(0), recordOf(2)])],
  ['a record beyond its last offset', Buffer.concat([recordOf(0), recordOf(1), recordOf(60)])],
  ['a record before its first offset', Buffer.concat([recordOf(-1), recordOf(1), recordOf(2)])],
  ['a length that is negative', Buffer.concat([recordsOf(['a', 'b']), Buffer.from(varint(-3))])],
  ['a key longer than its record', Buffer.concat([recordsOf(['a', 'b']), recordOf(2, { key: varint(50) })])],
  ['a value of a negative length', Buffer.concat([recordsOf(['a', 'b']), recordOf(2, { value: varint(-2) })])],
  ['fewer headers than none', Buffer.concat([recordsOf(['a', 'b']), recordOf(2, { headers: varint(-2) })])],
  ['more headers than bytes', Buffer.concat([recordsOf(['a', 'b']), recordOf(2, { headers: varint(60) })])],
  ['a number without an end', Buffer.concat([recordsOf(['a', 'b']), recordOf(2, { key: Array(12).fill(0xff) })])],
])('hazard: a batch has %s', async (_, records) => {
  expect(await faultOf(batchOf(gzipped(records)))).toMatch(
    /^the batch of offsets 40 to 42 \(gzip\) cannot be decoded: /,
  );
});

test('the batches around a faulty one are read', async () => {
  const [, good] = batches[0] as (typeof batches)[number];
  const messages = await decodeAnswer(good, batchOf({ codec: 4, compressed: Buffer.from('no zstd'), first: 43 }), good);
  expect(messages.map(({ value }) => batchFaultOf(value) === undefined)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
    true,
    true,
    true,
  ]);
});

test('of what compaction has left, the last offset of the batch is one, so that a consumer passes the batch', async () => {
  const compressed = Buffer.from('no zstd');
  const fault = await faultOf(batchOf({ codec: ids.zstd, compressed, count: 2, lastDelta: 9 }), ['40', '49']);
  expect(fault).toContain('the batch of offsets 40 to 49 (zstd)');
  await faultOf(batchOf({ codec: ids.zstd, compressed, count: 1, lastDelta: 300 }), ['340']);
});

test('nobody can write a message that looks like one of these', async () => {
  const messages = await decodeAnswer(batchOf({ ...gzipped(recordsOf(['', '', ''])) }));
  expect([...faultsOf(messages)]).toEqual([undefined]);
});

test('an answer is decoded as far as there is room; the rest is fetched again', async () => {
  const one = gzipped(recordsOf(['x'.repeat(batchBytesMax - 100)]));
  const answer = Array.from({ length: 40 }, (_, i) => batchOf({ ...one, first: i, count: 1 }));
  const first = await decodeAnswer(...answer);
  expect(offsetsOf(first)).toEqual(Array.from({ length: 8 }, (_, i) => String(i)));
  const next = await decodeAnswer(...answer.slice(first.length));
  expect(next[0]?.offset).toBe('8');
  expect([...faultsOf([...first, ...next])]).toEqual([undefined]);
});

interface RecordParts {
  readonly key?: readonly number[];
  readonly value?: readonly number[];
  readonly headers?: readonly number[];
}

/** Each part with its length before it. */
function recordOf(delta: number, { key = varint(-1), value = varint(0), headers = varint(0) }: RecordParts = {}) {
  const body = [0, 0, ...varint(delta), ...key, ...value, ...headers];
  return Buffer.from([...varint(body.length), ...body]);
}

function recordsOf(values: readonly string[]): Buffer {
  return Buffer.concat(
    values.map((value, delta) => {
      const body = Buffer.concat([
        Buffer.from([0, 0, ...varint(delta), ...varint(-1), ...longVarint(value.length)]),
        Buffer.from(value),
        Buffer.from(varint(0)),
      ]);
      return Buffer.concat([Buffer.from(longVarint(body.length)), body]);
    }),
  );
}

function longVarint(value: number): number[] {
  const bytes: number[] = [];
  let raw = value * 2;
  for (; raw >= 128; raw = Math.floor(raw / 128)) bytes.push((raw % 128) + 128);
  return [...bytes, raw];
}

/** Blocks in the framing of the Java client. */
function xerialOf(blocks: readonly Buffer[]): Buffer {
  const header = Buffer.from('82534e41505059000000000100000001', 'hex');
  const framed = blocks.flatMap((block) => {
    const compressed = compressSync(block);
    const length = Buffer.alloc(4);
    length.writeInt32BE(compressed.length);
    return [length, compressed];
  });
  return Buffer.concat([header, ...framed]);
}

/** The blocks of several frames in the first one of them: behind a header of 7 bytes, before a mark of 4 bytes. */
function lz4Of(frames: readonly Buffer[]): Buffer {
  const [first] = frames as [Buffer];
  return Buffer.concat([first.subarray(0, 7), ...frames.map((frame) => frame.subarray(7, -4)), Buffer.alloc(4)]);
}

/** Blocks of one repeated byte, 128 KiB each: four bytes a block. The window is of 1 MiB unless told. */
function zstdOfZeros(blocks: number, window = 0x50): Buffer {
  const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, window]);
  const body = Array.from({ length: blocks }, (_, i) => {
    const block = Buffer.alloc(4);
    block.writeUIntLE((131_072 << 3) | (1 << 1) | Number(i === blocks - 1), 0, 3);
    return block;
  });
  return Buffer.concat([header, ...body]);
}
