// Tells whoever watches a start what is being done, and how long each step took.
import { reasonOf } from 'foldline/engine';
import { SystemFailure } from './failure.ts';

/** What happens during a start. `durationMs` counts from the step's start; a step may say `started` again with news. */
export interface Step {
  readonly name: string;
  readonly state: 'started' | 'done' | 'failed';
  readonly detail: string;
  readonly durationMs: number;
}

/** The work of a step: it may `say` what it is at, and returns its result with a closing sentence. */
type StepWork<T> = (say: (detail: string) => void) => Promise<readonly [result: T, detail: string]>;

/** Runs one named step, and passes its result or its error on. */
export type RunStep = <T>(name: string, work: StepWork<T>) => Promise<T>;

/** A runner that reports every step to `onStep`. */
export const stepRunner =
  (onStep: (step: Step) => void = () => {}): RunStep =>
  async (name, work) => {
    const begin = performance.now();
    const report = (state: Step['state'], detail: string) =>
      onStep({ name, state, detail, durationMs: Math.round(performance.now() - begin) });
    report('started', '');
    try {
      const [result, detail] = await work((news) => report('started', news));
      report('done', detail);
      return result;
    } catch (error) {
      report('failed', reasonOf(error));
      throw error;
    }
  };

/** Something that runs and can be ended. */
export interface Closable {
  close(): Promise<void>;
}

/**
 * Starts two things beside each other, both or none: the first failure aborts the other's start, and what is already
 * up is closed again, `second` before `first`.
 *
 * @throws whatever failed first
 */
export const startBoth = async <A extends Closable, B extends Closable>(
  signal: AbortSignal | undefined,
  first: (signal: AbortSignal) => Promise<A>,
  second: (signal: AbortSignal) => Promise<B>,
): Promise<[A, B]> => {
  const failed = new AbortController();
  const either = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  const watched = async <T>(start: (signal: AbortSignal) => Promise<T>) => {
    try {
      if (either.aborted) throw new SystemFailure('the start was stopped', { cause: either.reason });
      return await start(either);
    } catch (error) {
      failed.abort(error);
      throw error;
    }
  };
  const [a, b] = await Promise.allSettled([watched(first), watched(second)]);
  if (a.status === 'fulfilled' && b.status === 'fulfilled') return [a.value, b.value];
  if (b.status === 'fulfilled') await b.value.close();
  if (a.status === 'fulfilled') await a.value.close();
  throw failed.signal.reason;
};
