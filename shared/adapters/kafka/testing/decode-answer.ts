// Decodes what a broker answers for one partition exactly as kafkajs does, with its own decoder and the table of codecs; and makes
// batches whose parts can be wrong.
import { crc32c } from '@node-rs/crc32';

export interface DecodedMessage {
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer>>;
}

type DecodeMessages = (decoder: object) => Promise<DecodedMessage[]>;

const decodeMessages = jest.requireActual<DecodeMessages>('kafkajs/src/protocol/requests/fetch/v4/decodeMessages.js');
const Decoder = jest.requireActual<new (bytes: Buffer) => object>('kafkajs/src/protocol/decoder.js');

/** As one answer, which is one piece of memory. */
export function decodeAnswer(...parts: readonly Buffer[]): Promise<DecodedMessage[]> {
  const answer = Buffer.alloc(4 + parts.reduce((sum, { length }) => sum + length, 0));
  let at = answer.writeInt32BE(answer.length - 4);
  for (const part of parts) at += part.copy(answer, at);
  return decodeMessages(new Decoder(answer));
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
