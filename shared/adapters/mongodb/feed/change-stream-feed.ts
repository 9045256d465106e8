// A feed from a change stream on the inserts of one collection. It reads ahead into a bounded queue, stores its checkpoint only after the
// batch was handled, and scans for what the stream cannot tell once it has caught up, or lost its checkpoint.
import type { ChangeStream, Collection, ResumeToken, Timestamp } from 'mongodb';
import {
  type Feed,
  type FeedHandle,
  type FeedItem,
  type Logger,
  readEnvelope,
  reasonOf,
  type StoredEvent,
} from '../../../engine/index.ts';
import { type Backoff, backoffMs, type HandleItems, pause, retrying } from '../../../running/index.ts';
import { decodeEvent } from '../raw-documents.ts';
import { type Checkpoints, checkpointSaver, newCheckpoint, saysHistoryLost, usableCheckpoint } from './checkpoints.ts';

export interface BoundedQueue<T> {
  readonly size: number;
  /** True after `end`: what was still waiting was dropped. */
  readonly ended: boolean;
  /** Resolves once there is room again. */
  put(item: T): Promise<void> | undefined;
  /** Everything there is, up to `max`, as soon as there is something; empty only after `end`. */
  take(max: number): Promise<T[]>;
  /** Wakes both sides for good. */
  end(): void;
}

export function createBoundedQueue<T>(itemsMax: number): BoundedQueue<T> {
  let items: T[] = [];
  let ended = false;
  let wakeReader: (() => void) | undefined;
  let wakeWriter: (() => void) | undefined;

  return {
    get size() {
      return items.length;
    },
    get ended() {
      return ended;
    },
    put(item) {
      if (ended) return undefined;
      items.push(item);
      wakeReader?.();
      if (items.length < itemsMax) return undefined;
      return new Promise((resolve) => {
        wakeWriter = resolve;
      });
    },
    async take(max) {
      while (items.length === 0 && !ended) {
        await new Promise<void>((resolve) => {
          wakeReader = resolve;
        });
        wakeReader = undefined;
        // One turn of the event loop, so that what the writer already has in hand comes along.
        await new Promise(setImmediate);
      }
      const taken = items.length <= max ? items : items.slice(0, max);
      items = items.length <= max ? [] : items.slice(max);
      if (items.length < itemsMax) wakeWriter?.();
      return taken;
    },
    end() {
      ended = true;
      items = [];
      wakeReader?.();
      wakeWriter?.();
    },
  };
}

export interface ReadAhead<T> {
  readonly queue: BoundedQueue<T>;
  /** Rejects with the stream's error once the stream has ended, after it has ended the queue. Safe to await late. */
  readonly ended: Promise<never>;
}

export function readAhead<T>(stream: ChangeStream, itemsMax: number): ReadAhead<T> {
  const queue = createBoundedQueue<T>(itemsMax);
  const ended = fill(queue, stream);
  // The reader of the queue awaits `ended` when the queue has ended; this handler keeps the error from counting as unhandled.
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

export interface FeedLimits {
  readonly batchEventsMax: number;
  /** How often the checkpoint is stored; what lies between is read again after a crash, without effect. */
  readonly checkpointEveryMs: number;
  readonly retry: Backoff;
}

export interface ChangeStreamFeedOptions {
  /** The checkpoint's name, for example `things`. */
  readonly name: string;
  /** What items say they come from, for example `thing-events`. */
  readonly source: string;
  readonly collection: Collection<StoredEvent>;
  readonly checkpoints: Checkpoints;
  readonly limits: FeedLimits;
  readonly log: Logger;
  /** Brings up what is stored but not handled; runs once at every start, and after a lost checkpoint. */
  readonly catchUp: (handle: HandleItems, signal: AbortSignal) => Promise<void>;
}

interface Inserted {
  readonly _id: ResumeToken;
  readonly clusterTime: Timestamp;
  /** Undefined before MongoDB 6. */
  readonly wallTime?: Date;
  /** One document as bytes, in an array: the driver leaves the documents of a named array as they came. */
  readonly fullDocument: readonly [Uint8Array];
}

/** Events are only ever inserted; a claim that is taken off is an update, and no news. */
export const insertsOnly = [
  { $match: { operationType: 'insert' } },
  { $project: { fullDocument: ['$fullDocument'], clusterTime: 1, wallTime: 1 } },
];
/** Each event is decoded by itself: one that cannot be decoded must not end the stream for all. */
export const eventsAsBytes = { fieldsAsRaw: { fullDocument: true } };

export interface ChangeStreamHandle extends FeedHandle {
  /** Whether everything that was stored before now is handled or on the stream: no scan is to come or at work. */
  hasScanned(): boolean;
}

export interface ChangeStreamFeed extends Feed {
  start(handle: HandleItems): Promise<ChangeStreamHandle>;
}

export function changeStreamFeed(options: ChangeStreamFeedOptions): ChangeStreamFeed {
  return { start: (handle) => startReading(options, handle) };
}

async function startReading(options: ChangeStreamFeedOptions, handle: HandleItems): Promise<ChangeStreamHandle> {
  const { name, source, collection, checkpoints, limits, log } = options;
  const closing = new AbortController();
  const { signal } = closing;
  let trouble: string | undefined;
  let failures = 0;
  let stream: ChangeStream | undefined;
  let checkpoint = await usableCheckpoint(name, checkpoints, log);
  let scanned = false;
  /** The number of scans that have not ended; the first scan of every start counts from the beginning. */
  let scansLeft = 1;
  let scanning = Promise.resolve();
  const startedAt = await checkpoints.now();
  const report = (news: string | undefined) => {
    trouble = news;
    if (news === undefined) failures = 0;
  };
  const insist = retrying(handle, { retry: limits.retry, signal, report });

  /** Repeats the scan until it succeeds, because nothing else brings the events that the scan looks for. */
  async function scanUntilDone(): Promise<void> {
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      try {
        return await options.catchUp(insist, signal);
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ err: error, feed: name, attempt }, 'the catch-up scan was interrupted; the scan starts again');
        await pause(backoffMs(limits.retry, attempt), signal);
      }
    }
  }

  function scan(): void {
    if (scanned) scansLeft += 1;
    scanned = true;
    scanning = scanning.then(scanUntilDone).then(() => {
      scansLeft -= 1;
    });
  }

  async function readOnce(): Promise<void> {
    const from = checkpoint.token ? { startAfter: checkpoint.token } : { startAtOperationTime: checkpoint.startedAt };
    const opened = collection.watch(insertsOnly, { ...from, ...eventsAsBytes, batchSize: limits.batchEventsMax });
    stream = opened;
    const { queue, ended } = readAhead<Inserted>(opened, limits.batchEventsMax * 2);
    const saver = checkpointSaver(name, checkpoints, limits.checkpointEveryMs);
    let busy = false;
    let saving: Promise<void> | undefined;
    const idle = setInterval(() => {
      // With nothing in hand, the stream's own token is not ahead of what was handled. A queue that ended may have dropped
      // what was read ahead.
      const token = opened.resumeToken;
      if (busy || queue.ended || queue.size > 0 || !token || signal.aborted) return;
      checkpoint = { ...checkpoint, token };
      report(undefined);
      if (!scanned) scan();
      saving ??= saver
        .idle(token)
        .catch((error: unknown) => log.warn({ err: error }, 'the checkpoint could not be stored'))
        .finally(() => {
          saving = undefined;
        });
    }, limits.checkpointEveryMs);
    try {
      for (;;) {
        const changes = await queue.take(limits.batchEventsMax);
        const last = changes.at(-1);
        if (!last) break;
        busy = true;
        await insist(changes.map((change) => itemOf(source, change)));
        checkpoint = { ...checkpoint, token: last._id, clusterTime: last.clusterTime };
        await saver.handled(last._id, last.clusterTime);
        busy = false;
        // What was stored before the start has been read; scanning earlier would do the stream's work twice.
        if (!scanned && last.clusterTime.greaterThanOrEqual(startedAt)) scan();
      }
      await saver.flush();
      await ended;
    } finally {
      clearInterval(idle);
      // A late save would overwrite the checkpoint at which the next reader begins.
      await saving;
      await opened.close();
    }
  }

  async function readForEver(): Promise<void> {
    while (!signal.aborted) {
      try {
        await readOnce();
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        trouble = reasonOf(error);
        log.warn({ err: error, feed: name, failures }, 'the change stream ended; it is opened again');
        if (saysHistoryLost(error)) {
          checkpoint = (await newCheckpoint(name, checkpoints, log, limits.retry, signal)) ?? checkpoint;
          scan();
        }
        await pause(backoffMs(limits.retry, failures), signal);
      }
    }
  }

  const running = readForEver();
  return {
    trouble: () => trouble,
    hasScanned: () => scansLeft === 0,
    async close() {
      closing.abort();
      await stream?.close();
      await running;
      await scanning;
    },
  };
}

function itemOf(source: string, { fullDocument, clusterTime, wallTime: storedAt }: Inserted): FeedItem {
  const position = `${source}@${clusterTime.toString()}`;
  const { unreadable, ...stored } = decodeEvent(fullDocument[0]);
  const reading = readEnvelope(stored);
  const place = { source, position, storedAt };
  if ('fault' in reading) return { ...place, unreadable: reading.fault };
  return { ...place, event: unreadable === undefined ? reading.event : { ...reading.event, unreadable } };
}
