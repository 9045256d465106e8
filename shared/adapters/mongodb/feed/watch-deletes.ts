// Notices documents that somebody deleted from a collection that only holds what can be made again.
// It stores no checkpoint: what was deleted while nobody watched is found by the scan at the start, and by one after every break,
// for example after the whole collection was dropped.
import type { ChangeStream, ChangeStreamDeleteDocument, Collection, Timestamp } from 'mongodb';
import type { Logger, StoredDocument } from '../../../engine/index.ts';
import { backoffMs, pause } from '../../../running/index.ts';
import { type FeedLimits, readAhead } from './change-stream-feed.ts';

type Deleted = ChangeStreamDeleteDocument<{ _id: string }>;

export interface DeletesWatch {
  readonly collection: Collection<StoredDocument>;
  readonly limits: FeedLimits;
  readonly log: Logger;
  /** The server's present. */
  now(): Promise<Timestamp>;
  onDeleted(ids: readonly string[]): Promise<void>;
  /** Called when watching was broken off and begins anew: any document may have gone meanwhile. */
  onBreak(signal: AbortSignal): Promise<void>;
}

/** Watches from the moment it resolves until closed; if `onDeleted` fails, the watch begins anew, and `onBreak` makes up for that. */
export async function watchDeletes(watch: DeletesWatch): Promise<{ close(): Promise<void> }> {
  const { collection, limits, log } = watch;
  const closing = new AbortController();
  let stream: ChangeStream | undefined;
  let from = await watch.now();

  async function watchOnce(): Promise<void> {
    const deletesOnly = [{ $match: { operationType: 'delete' } }, { $project: { documentKey: 1 } }];
    stream = collection.watch(deletesOnly, { startAtOperationTime: from });
    const { queue, ended } = readAhead<Deleted>(stream, limits.batchEventsMax);
    for (;;) {
      const deleted = await queue.take(limits.batchEventsMax);
      if (deleted.length === 0) return ended;
      await watch.onDeleted(deleted.map(({ documentKey }) => documentKey._id));
    }
  }

  async function beginAnew(): Promise<void> {
    // The place is taken before the scan, so that what goes while it runs is seen by the new stream.
    from = await watch.now();
    await watch.onBreak(closing.signal);
  }

  async function watchForEver(): Promise<void> {
    for (let failures = 0; !closing.signal.aborted; failures += 1) {
      try {
        if (failures > 0) await beginAnew();
        await watchOnce();
      } catch (error) {
        if (closing.signal.aborted) return;
        log.warn({ err: error }, 'the watch for deleted snapshots was interrupted; the watch starts again with a scan');
        await stream?.close();
        await pause(backoffMs(limits.retry, failures + 1), closing.signal);
      }
    }
  }

  const running = watchForEver();
  return {
    async close() {
      closing.abort();
      await stream?.close();
      await running;
    },
  };
}
