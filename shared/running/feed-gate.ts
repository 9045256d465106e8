// A gate that every write of documents passes. Once shut, the gate lets the writes inside finish and lets none in: between two batches,
// with nothing half-written and no offset or checkpoint moved. Several may hold the gate shut; the gate opens when the last lets go.

/** What waits at the gate when it is closed for good ends with this; nothing of it was begun. */
export class GateClosed extends Error {
  override readonly name = 'GateClosed';
}

export interface HeldShut {
  /** Resolves once nothing is inside any more. It says nothing after `open`. */
  readonly quiet: Promise<void>;
  /** Lets go. The second time has no effect. */
  open(): void;
}

export interface FeedGate {
  /**
   * Waits while the gate is shut, then works. What works inside must not pass again: it would wait for itself.
   *
   * @throws GateClosed, with nothing done, once the gate was closed
   */
  pass<T>(work: () => Promise<T>): Promise<T>;
  /** Lets nothing in from now on, until `open` is called. */
  shut(reason: string): HeldShut;
  /** Why it is shut, in the order in which it was; empty while it is open. */
  reasons(): readonly string[];
  /** Ends what waits, for good: a process that stops must not wait for an operator. What is inside comes out as always. */
  close(): void;
}

export function createFeedGate(): FeedGate {
  const holders = new Map<symbol, string>();
  const waiting = createWaiting();
  const quiet = createWaiting();
  let inside = 0;
  let closed = false;

  return {
    async pass(work) {
      // The check is repeated after each opening, because another caller may have shut the gate at the same moment.
      while (holders.size > 0 && !closed) await waiting.wait();
      if (closed) throw new GateClosed('The process is stopping: nothing more is handled.');
      inside += 1;
      try {
        return await work();
      } finally {
        inside -= 1;
        if (inside === 0) quiet.wake();
      }
    },
    shut(reason) {
      const holder = Symbol(reason);
      holders.set(holder, reason);
      return {
        quiet: inside === 0 ? Promise.resolve() : quiet.wait(),
        open() {
          if (holders.delete(holder) && holders.size === 0) waiting.wake();
        },
      };
    },
    reasons: () => [...holders.values()],
    close() {
      closed = true;
      waiting.wake();
    },
  };
}

/** Those who wait for the same; each goes on once. */
function createWaiting() {
  let wakes: (() => void)[] = [];
  return {
    wait: () => new Promise<void>((resolve) => wakes.push(resolve)),
    wake() {
      const woken = wakes;
      wakes = [];
      for (const wake of woken) wake();
    },
  };
}
