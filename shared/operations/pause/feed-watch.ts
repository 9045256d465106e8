// Measures what goes through a feed: events in a second, and how long the oldest event in hand has waited since it was stored. The watch
// keeps a bounded number of figures and no events.
import type { FeedItem } from '../../engine/index.ts';
import type { HandleItems } from '../../running/index.ts';

export interface FeedWatch {
  /** The same handling, watched. */
  watched(handle: HandleItems): HandleItems;
  /** When the oldest event in hand was stored; undefined when none is, or its source does not say. */
  oldestInHand(): Date | undefined;
  /** Events that were handled in a second, over the last few. */
  eventsPerSecond(): number;
}

const secondsCounted = 10;

export function createFeedWatch(nowMs: () => number): FeedWatch {
  const inHand = new Set<Date | undefined>();
  /** Events by second, in the order in which they came. */
  const handled: { second: number; events: number }[] = [];
  const second = () => Math.floor(nowMs() / 1000);

  function forgetOld(): void {
    while ((handled[0]?.second ?? Number.POSITIVE_INFINITY) <= second() - secondsCounted) handled.shift();
  }

  function count(events: number): void {
    forgetOld();
    const last = handled.at(-1);
    if (last?.second === second()) last.events += events;
    else handled.push({ second: second(), events });
  }

  return {
    watched: (handle) => async (items) => {
      // Each batch has its own Date object, because two batches may be equally old.
      const oldest = oldestOf(items);
      inHand.add(oldest);
      try {
        await handle(items);
      } finally {
        inHand.delete(oldest);
      }
      count(items.length);
    },
    oldestInHand: () => earliest([...inHand]),
    eventsPerSecond() {
      forgetOld();
      return handled.reduce((sum, { events }) => sum + events, 0) / secondsCounted;
    },
  };
}

function oldestOf(items: readonly FeedItem[]): Date | undefined {
  const oldest = earliest(items.map(({ storedAt }) => storedAt));
  return oldest && new Date(oldest);
}

function earliest(instants: readonly (Date | undefined)[]): Date | undefined {
  return instants.reduce((least, one) => (one && (!least || one < least) ? one : least), undefined);
}
