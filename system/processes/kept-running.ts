// Keeps what was started running: a process that ends by itself is started again, with growing waits, until it has ended too often. The
// bound is the restart intensity of Erlang/OTP's supervisors: so many ends within such a period.
import { reasonOf } from 'foldline/engine';
import { pause } from 'foldline/running';
import type { ProcessEnd, RunningProcess } from './processes.ts';
import { describeEnd } from './readiness.ts';

export type ProcessEvent = { readonly name: string; readonly reason: string } & (
  | { readonly type: 'ended' | 'not-started'; readonly waitMs: number }
  | { readonly type: 'given-up'; readonly ends: number }
  | { readonly type: 'runs-again'; readonly downMs: number }
);

export interface RestartLimits {
  readonly endsMax: number;
  readonly withinMs: number;
  readonly firstWaitMs: number;
  readonly waitMaxMs: number;
}

const usualLimits: RestartLimits = { endsMax: 5, withinMs: 600_000, firstWaitMs: 500, waitMaxMs: 10_000 };

type Keepable = Pick<RunningProcess, 'exited' | 'kill' | 'close'>;

export interface KeepOptions<P extends Keepable> {
  readonly name: string;
  /** Resolves when the process is ready; it must leave nothing running when it fails. */
  readonly start: (signal: AbortSignal | undefined) => Promise<P>;
  /** For the first start. */
  readonly signal?: AbortSignal | undefined;
  /** Left out, nothing is started again. */
  readonly onProcess?: ((event: ProcessEvent) => void) | undefined;
  readonly limits?: RestartLimits;
}

export interface Kept<P extends Keepable> {
  /** The process that runs now, or ran last. */
  current(): P;
  /** Ends the process by `signal` and starts another in its place. This end is not counted. */
  replace(signal: NodeJS.Signals, start: () => Promise<P>): Promise<void>;
  close(): Promise<void>;
}

/** @throws what the first start throws; what fails later is told to `onProcess` and tried again */
export async function keepRunning<P extends Keepable>(options: KeepOptions<P>): Promise<Kept<P>> {
  const { name, start, onProcess, limits = usualLimits } = options;
  const closing = new AbortController();
  let ends: number[] = [];
  let current = await start(options.signal);
  let watching = watch(current);

  async function watch(watched: P): Promise<void> {
    const end = await watched.exited;
    if (onProcess && watched === current && !closing.signal.aborted) await startAgain(end, onProcess);
  }

  async function startAgain(end: ProcessEnd, tell: (event: ProcessEvent) => void): Promise<void> {
    const endedMs = Date.now();
    let [type, reason]: ['ended' | 'not-started', string] = ['ended', `it ended with ${describeEnd(end)}`];
    while (!closing.signal.aborted) {
      const now = Date.now();
      ends = [...ends.filter((one) => now - one < limits.withinMs), now];
      if (ends.length > limits.endsMax) return tell({ type: 'given-up', name, reason, ends: ends.length });
      const waitMs = Math.min(limits.firstWaitMs * 2 ** (ends.length - 1), limits.waitMaxMs);
      tell({ type, name, reason, waitMs });
      await pause(waitMs, closing.signal);
      if (closing.signal.aborted) return;
      try {
        current = await start(closing.signal);
      } catch (error) {
        [type, reason] = ['not-started', reasonOf(error)];
        continue;
      }
      tell({ type: 'runs-again', name, reason, downMs: Date.now() - endedMs });
      watching = watch(current);
      return;
    }
  }

  return {
    current: () => current,
    async replace(signal, next) {
      const before = current;
      // What is not current any more is not started again when it ends.
      current = { ...before };
      before.kill(signal);
      await before.close();
      current = await next();
      watching = watch(current);
    },
    async close() {
      closing.abort(new Error('the stack is closed'));
      const before = current;
      await before.close();
      await watching;
      if (current !== before) await current.close();
    },
  };
}

/** The same as one handle, whose `kill` and `close` are those of the process that runs then. */
export async function startKept<P extends Keepable>(options: KeepOptions<P>): Promise<P> {
  const kept = await keepRunning(options);
  return { ...kept.current(), kill: (signal) => kept.current().kill(signal), close: kept.close };
}
