// Hands items from one loop to another in batches: the writer waits while it is full, the reader takes all there is.

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
