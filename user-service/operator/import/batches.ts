// Work is handed to the store in batches, each in one transaction. Whoever writes at the same time, an API or another run of the same
// import, is never overwritten: the batch is decided again on what is there now.
import { AdminFailure } from 'foldline/admin';
import { type EventStore, isFailure, type StoredEvent } from 'foldline/engine';
import { backoffMs, pause } from 'foldline/running';

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

/** In all about two minutes: a transaction that a killed run left open is given up by the server within one. */
export const betweenTries = { initialMs: 20, maxMs: 10_000 };

/**
 * @param decide reads what is there and answers with what is missing; it is asked again after a conflict
 * @throws AdminFailure `refused` when others were faster `triesMax` times
 */
export async function storeBatch(
  store: Pick<EventStore, 'append'>,
  triesMax: number,
  decide: () => Promise<readonly StoredEvent[]>,
): Promise<void> {
  for (let n = 1; n <= triesMax; n += 1) {
    const events = await decide();
    if (events.length === 0 || (await isStored(store, events))) return;
    await pause(backoffMs(betweenTries, n));
  }
  throw new AdminFailure(
    'refused',
    `A batch could not be stored in ${triesMax} tries: others write to the same users all the time. Run it again later.`,
  );
}

async function isStored(store: Pick<EventStore, 'append'>, events: readonly StoredEvent[]): Promise<boolean> {
  try {
    return (await store.append(events)).kind === 'stored';
  } catch (error) {
    if (isFailure(error, 'overloaded')) return false;
    throw error;
  }
}
