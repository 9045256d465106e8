// The pause between two looks at a server, which the signal of the command line ends.
import { pause } from '../running/index.ts';
import { ConnectFailure } from './failure.ts';

/** @throws ConnectFailure `aborted` that says what was being done, as soon as the signal is aborted */
export async function pauseWhile(doing: string, ms: number, signal: AbortSignal | undefined): Promise<void> {
  await pause(ms, signal);
  if (signal?.aborted) throw new ConnectFailure('aborted', `Stopped while ${doing}.`);
}
