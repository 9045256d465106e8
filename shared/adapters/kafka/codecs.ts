// Every compression that Kafka knows, for kafkajs, which knows gzip only. A batch that cannot be decoded neither ends its consumer nor
// disappears: it becomes unreadable records at the offsets of its header.
import kafkajs from 'kafkajs';
import { bounded, shownCharactersMax } from '../../engine/index.ts';
import { type Decompress, TooLarge } from './codecs/decompress.ts';
import { compressGzip, decompressGzip } from './codecs/gzip.ts';
import { decompressLz4 } from './codecs/lz4.ts';
import { decompressSnappy } from './codecs/snappy.ts';
import { decompressZstd } from './codecs/zstd.ts';
import { assertRecords, type BatchHeader, headerBefore, unreadableRecords } from './record-batch.ts';

export interface CodecLimits {
  /** What one batch may hold, decompressed. */
  readonly batchBytesMax: number;
}

const codecs: readonly { readonly name: string; readonly decompress?: Decompress }[] = [
  { name: 'none' },
  { name: 'gzip', decompress: decompressGzip },
  { name: 'snappy', decompress: decompressSnappy },
  { name: 'lz4', decompress: decompressLz4 },
  { name: 'zstd', decompress: decompressZstd },
  // A header has three bits for the codec: those that nobody has defined are unreadable too.
  ...[5, 6, 7].map((id) => ({ name: `codec ${id}` })),
];

/** kafkajs makes an object of every record before it gives any to its caller. */
const recordsOfBatchMax = 1_000_000;
const bytesOfRecord = 256;
/** An answer of the broker has many batches, and kafkajs decodes all of them at once. */
const batchesOfAnswerMax = 8;

/** For the whole process: kafkajs has one table of codecs. Without `compress`: nothing here writes to topics. */
export function registerCodecs(limits: CodecLimits): void {
  const table = kafkajs.CompressionCodecs as Record<number, () => object>;
  const decompressed = decompressorOf(limits);
  for (let id = 1; id < codecs.length; id += 1) {
    const { name } = codecs[id] as (typeof codecs)[number];
    const codec = {
      compress: ({ buffer }: { readonly buffer: Buffer }) => {
        if (id === kafkajs.CompressionTypes.GZIP) return compressGzip(buffer);
        throw new Error(`${name} is only read here: write with gzip, or without compression.`);
      },
      decompress: (records: Buffer) => decompressed(id, records),
    };
    table[id] = () => codec;
  }
}

/** @returns what kafkajs calls for the records of each batch */
export function decompressorOf({ batchBytesMax }: CodecLimits) {
  /** What was decompressed of each answer, which is one piece of memory. */
  const answers = new WeakMap<ArrayBufferLike, number>();

  function assertRoom(records: Buffer): void {
    if ((answers.get(records.buffer) ?? 0) > batchBytesMax * batchesOfAnswerMax) throw fetchAgain();
  }

  function take(records: Buffer, decompressed: Buffer, count: number): void {
    const taken = decompressed.length + count * bytesOfRecord;
    answers.set(records.buffer, (answers.get(records.buffer) ?? 0) + taken);
  }

  /** @throws Error for a message set of Kafka before 0.11 that cannot be decoded: it does not say how many messages it has */
  return async (id: number, records: Buffer): Promise<Buffer> => {
    const decompress = codecs[id]?.decompress;
    const header = headerBefore(records);
    if (header?.codec !== id) return decompressedMessages(id, records, batchBytesMax);
    assertRoom(records);
    if (header.count > recordsOfBatchMax)
      throw new Error(`${placeOf(header)} has ${header.count} records, more than ${recordsOfBatchMax} in one batch`);
    let decompressed: Buffer;
    try {
      if (!header.isIntact) throw new Error('its checksum is wrong, so its bytes have changed since it was written');
      if (!decompress) throw new Error('this codec is not known');
      decompressed = await decompress(records, batchBytesMax);
      assertRecords(decompressed, header);
    } catch (error) {
      decompressed = unreadableRecords(
        header,
        `${placeOf(header)} cannot be decoded: ${reasonOf(error, batchBytesMax)}`,
      );
    }
    take(records, decompressed, header.count);
    return decompressed;
  };
}

async function decompressedMessages(id: number, messages: Buffer, bytesMax: number): Promise<Buffer> {
  const { name, decompress } = codecs[id] as (typeof codecs)[number];
  try {
    if (!decompress) throw new Error('this codec is not known');
    return await decompress(messages, bytesMax);
  } catch (error) {
    throw new Error(
      `a message set (${name}) in the format of Kafka before 0.11 cannot be decoded: ${reasonOf(error, bytesMax)}`,
      { cause: error },
    );
  }
}

const placeOf = ({ codec, first, lastDelta }: BatchHeader) =>
  `the batch of offsets ${first} to ${first + BigInt(lastDelta)} (${codecs[codec]?.name})`;

function reasonOf(error: unknown, bytesMax: number): string {
  if (error instanceof TooLarge) return `it holds more than the ${bytesMax} bytes of KAFKA_BATCH_BYTES_MAX`;
  return error instanceof Error ? bounded(error.message, shownCharactersMax) : 'no reason is known';
}

/** For kafkajs this is a batch that the broker cut off: it handles the batches before, and fetches the rest in its next answer. */
function fetchAgain(): Error {
  return Object.assign(new Error('The answer holds more than is decompressed at once.'), {
    name: 'KafkaJSPartialMessageError',
  });
}
