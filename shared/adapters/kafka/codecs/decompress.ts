// What the decompressors of this folder have in common: each gives all bytes or throws, and never holds more than the limit.

/** @throws TooLarge as soon as more than `bytesMax` come out; any other error when the bytes are not what they should be */
export type Decompress = (bytes: Buffer, bytesMax: number) => Buffer | Promise<Buffer>;

export class TooLarge extends Error {}
