// Decodes what a broker answers for one partition exactly as a consumer does, by what kafkajs finds for its requests of Fetch; and makes
// answers and batches whose parts can be wrong.
import { crc32c } from '@node-rs/crc32';
import fetchRequests from 'kafkajs/src/protocol/requests/fetch/index.js';

export interface DecodedMessage {
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer>>;
}

interface DecodedAnswer {
  readonly responses: readonly { readonly partitions: readonly { readonly messages: DecodedMessage[] }[] }[];
}

export interface AnswerParts {
  /** Of the requests of Fetch that kafkajs knows. */
  readonly version?: number;
  readonly highWatermark?: bigint;
}

const newestVersion = 11;

/** As one answer, which is one piece of memory. */
export async function decodeAnswer(...batches: readonly Buffer[]): Promise<DecodedMessage[]> {
  return decodeAnswerOf({}, ...batches);
}

export async function decodeAnswerOf(parts: AnswerParts, ...batches: readonly Buffer[]): Promise<DecodedMessage[]> {
  const { version = newestVersion, highWatermark = 1n << 40n } = parts;
  const make = fetchRequests.protocol({ version });
  const { response } = make({ topics: [], maxWaitTime: 0, minBytes: 0, maxBytes: 0 });
  const answer = answerOf(Buffer.concat(batches), { version, highWatermark });
  const { responses } = (await response.decode(answer)) as DecodedAnswer;
  return responses[0]?.partitions[0]?.messages ?? [];
}

function answerOf(records: Buffer, { version, highWatermark }: Required<AnswerParts>): Buffer {
  const int64 = (value: bigint) => {
    const field = Buffer.alloc(8);
    field.writeBigInt64BE(value);
    return field;
  };
  const int32 = (value: number) => int64(BigInt(value)).subarray(4);
  const topic = Buffer.from('things');
  return Buffer.concat([
    Buffer.alloc(version >= 7 ? 10 : 4),
    int32(1),
    int32(topic.length).subarray(2),
    topic,
    int32(1),
    // The number of the partition, and no error.
    Buffer.alloc(6),
    int64(highWatermark),
    int64(highWatermark),
    Buffer.alloc(version >= 5 ? 8 : 0),
    // One transaction was aborted, and it began after everything else.
    int32(1),
    int64(7n),
    int64(highWatermark),
    version >= 11 ? int32(-1) : Buffer.alloc(0),
    int32(records.length),
    records,
  ]);
}

export interface BatchParts {
  readonly codec: number;
  readonly compressed: Buffer;
  readonly first?: number;
  readonly count?: number;
  readonly lastDelta?: number;
}

/** With a right checksum, whatever the parts are. */
export function batchOf({ codec, compressed, first = 40, count = 3, lastDelta = count - 1 }: BatchParts): Buffer {
  const batch = Buffer.alloc(61 + compressed.length);
  batch.writeBigInt64BE(BigInt(first), 0);
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt8(2, 16);
  batch.writeInt16BE(codec, 21);
  batch.writeInt32BE(lastDelta, 23);
  batch.writeInt32BE(count, 57);
  compressed.copy(batch, 61);
  return withChecksum(batch);
}

export function withChecksum(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
  return batch;
}
