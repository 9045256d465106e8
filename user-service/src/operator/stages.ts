// The pieces of a long verb, one after the other: each says how far it is, and each can be ended by a signal wherever it says so.
import { AdminFailure, type Context, startProgress } from 'foldline/admin';

/** @throws AdminFailure `stopped` once a signal came */
export type Reached = (share: number, count: number) => void;

export type RunStage = <T>(title: string, unit: string, work: (reached: Reached) => Promise<T>) => Promise<T>;

export function stagesIn(context: Context): RunStage {
  const { signal, config } = context;
  return async (title, unit, work) => {
    const progress = startProgress(context, { title, unit }, { lineEveryMs: config.ADMIN_PROGRESS_EVERY_MS });
    try {
      return await work((share, count) => {
        if (signal?.aborted)
          throw new AdminFailure(
            'stopped',
            'Stopped. What was stored stays; the same command goes on where this one ended.',
          );
        progress.at(share, count);
      });
    } finally {
      progress.end();
    }
  };
}
