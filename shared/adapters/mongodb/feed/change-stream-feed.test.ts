// Goal: when a stream breaks with events read ahead, reading goes on behind the last event that was handled, never behind one
// that was only read. Method: a stream by hand, which yields, breaks, and says a token that is ahead of what was handled.
import { BSON, type Collection, Timestamp } from 'mongodb';
import type { FeedItem, StoredEvent } from '../../../engine/index.ts';
import { eventOf, newSubject } from '../../../testing/index.ts';
import { changeStreamFeed } from './change-stream-feed.ts';
import type { Checkpoints } from './checkpoints.ts';

const begin = new Timestamp({ t: 1, i: 1 });
const tokenOf = (n: number) => ({ _data: String(n) });
const change = (n: number) => ({
  _id: tokenOf(n),
  clusterTime: new Timestamp({ t: 1, i: n }),
  fullDocument: [BSON.serialize(eventOf({ subject: newSubject('thing'), source: `/${n}` }))],
});

/** Yields 1, and 2 once that is handled; then it has 3 and 4 in hand and breaks. The next one yields 3, 4 and 5. */
function streamsByHand(handled: () => number) {
  const opened: unknown[] = [];
  const watch = (_pipeline: unknown, options: { startAfter?: unknown }) => {
    opened.push(options.startAfter);
    const first = opened.length === 1;
    let read = first ? 0 : 2;
    const next = (n: number) => {
      read = n;
      return change(n);
    };
    let closed = () => {};
    const open = new Promise<void>((resolve) => {
      closed = resolve;
    });
    return {
      get resumeToken() {
        return read > 0 ? tokenOf(read) : undefined;
      },
      close: async () => closed(),
      async *[Symbol.asyncIterator]() {
        if (first) {
          yield next(1);
          while (handled() < 1) await new Promise(setImmediate);
          yield next(2);
          while (handled() < 2) await new Promise(setImmediate);
          yield next(3);
          yield next(4);
          throw new Error('the connection was lost');
        }
        for (const n of [3, 4, 5]) yield next(n);
        await open;
      },
    };
  };
  return { opened, collection: { watch } as unknown as Collection<StoredEvent> };
}

test('a stream that breaks with events read ahead is read on behind the last one handled', async () => {
  const sources: string[] = [];
  const saved: { _data: string }[] = [];
  const { opened, collection } = streamsByHand(() => sources.length);
  const checkpoints: Checkpoints = {
    now: async () => begin,
    load: async () => undefined,
    pin: async (name) => ({ _id: name, startedAt: begin, clusterTime: begin, savedAt: new Date(0) }),
    // The first at once, so that the second place waits to be stored when the stream breaks; that one so slowly that the idle
    // timer ticks meanwhile, which is when it used to take the stream's own token.
    save: async (_name, token) => {
      if (saved.push(token as { _data: string }) > 1) await new Promise((resolve) => setTimeout(resolve, 100));
    },
  };
  let complete = () => {};
  const all = new Promise<void>((resolve) => {
    complete = resolve;
  });
  const feed = changeStreamFeed({
    name: 'feed',
    source: 'events',
    collection,
    checkpoints,
    limits: { batchEventsMax: 10, checkpointEveryMs: 30, retry: { initialMs: 1, maxMs: 2 } },
    log: { info: () => {}, warn: () => {}, error: () => {} },
    catchUp: async () => {},
  });
  const handle = await feed.start(async (items: readonly FeedItem[]) => {
    for (const item of items) if ('event' in item) sources.push(item.event.source);
    if (sources.includes('/5')) complete();
  });
  await all;
  await handle.close();
  expect(opened).toEqual([undefined, tokenOf(2)]);
  expect(sources).toEqual(['/1', '/2', '/3', '/4', '/5']);
  // On a busy machine the idle timer stores the same place once more.
  expect([...new Set(saved.map(({ _data }) => _data))].slice(0, 2)).toEqual(['1', '2']);
});
