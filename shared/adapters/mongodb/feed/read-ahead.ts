// Reads a change stream ahead into a bounded queue, so that the next batch arrives while the last one is written.
import type { ChangeStream } from 'mongodb';
import { type BoundedQueue, createBoundedQueue } from '../../../running/index.ts';

export interface ReadAhead<T> {
  readonly queue: BoundedQueue<T>;
  /** Rejects with the stream's error once the stream has ended, after it has ended the queue. Safe to await late. */
  readonly ended: Promise<never>;
}

export function readAhead<T>(stream: ChangeStream, itemsMax: number): ReadAhead<T> {
  const queue = createBoundedQueue<T>(itemsMax);
  const ended = fill(queue, stream);
  // The reader of the queue comes for the error when it finds the queue ended; until then it is not unhandled.
  ended.catch(() => undefined);
  return { queue, ended };
}

async function fill<T>(queue: BoundedQueue<T>, stream: ChangeStream): Promise<never> {
  try {
    for await (const change of stream) {
      const full = queue.put(change as T);
      if (full) await full;
    }
    throw new Error('The change stream was closed.');
  } finally {
    queue.end();
  }
}
