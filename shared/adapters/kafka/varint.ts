// The variable-length integers in Kafka's records: seven bits in each byte, zigzag.
// Each reader throws where a number does not end within the bytes that its type needs.

const intBytesMax = 5;
const longBytesMax = 10;

export function readVarInt(bytes: Buffer, at: number): { readonly value: number; readonly next: number } {
  let raw = 0;
  for (let i = 0; i < intBytesMax; i += 1) {
    const byte = bytes[at + i];
    if (byte === undefined) break;
    raw |= (byte & 0x7f) << (7 * i);
    if (byte < 0x80) return { value: (raw >>> 1) ^ -(raw & 1), next: at + i + 1 };
  }
  throw new Error('a number does not end');
}

/** @returns the index after the number */
export function skipVarLong(bytes: Buffer, at: number): number {
  for (let i = 0; i < longBytesMax; i += 1) {
    const byte = bytes[at + i];
    if (byte === undefined) break;
    if (byte < 0x80) return at + i + 1;
  }
  throw new Error('a number does not end');
}

/** @returns the index after the number */
export function writeVarInt(bytes: Buffer, at: number, value: number): number {
  let raw = zigzag(value);
  let next = at;
  while (raw >= 0x80) {
    bytes[next] = (raw & 0x7f) | 0x80;
    raw >>>= 7;
    next += 1;
  }
  bytes[next] = raw;
  return next + 1;
}

export function sizeOfVarInt(value: number): number {
  let size = 1;
  for (let raw = zigzag(value); raw >= 0x80; raw >>>= 7) size += 1;
  return size;
}

const zigzag = (value: number) => ((value << 1) ^ (value >> 31)) >>> 0;
