// Work is handed to the store in batches: so many at most, and so many bytes where the parts are of any size.

export function* inBatches<T>(items: Iterable<T>, countMax: number): Generator<T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < countMax) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

export interface BatchLimits {
  readonly batchMax: number;
  readonly batchBytesMax: number;
}

/** The same for parts that come in pieces and know their size. A single part may be larger than the limit. */
export async function* inSizedBatches<T extends { readonly bytes: number }>(
  pieces: AsyncIterable<readonly T[]>,
  { batchMax, batchBytesMax }: BatchLimits,
): AsyncGenerator<T[]> {
  let batch: T[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    for (const item of piece) {
      if (batch.length === batchMax || (batch.length > 0 && bytes + item.bytes > batchBytesMax)) {
        yield batch;
        batch = [];
        bytes = 0;
      }
      batch.push(item);
      bytes += item.bytes;
    }
  }
  if (batch.length > 0) yield batch;
}
