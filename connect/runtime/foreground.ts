// A stack in the foreground of a terminal: each step is told as it happens, and Ctrl-C ends all of it.
import picocolors from 'picocolors';
import type { StackOptions } from './stack.ts';
import type { Closable, Step } from './steps.ts';

// Not on CI's word alone, as the library would: whoever reads this by a program wants it plain.
const pc = picocolors.createColors(picocolors.isColorSupported && process.stdout.isTTY === true);

export type ForegroundHooks = Required<Pick<StackOptions, 'signal' | 'onStep' | 'onSupervision' | 'onServiceEnded'>>;

/** A command to try, and what it is for. */
export interface Example {
  readonly says: string;
  readonly command: string;
}

/**
 * Starts and stays until it is told to end; `ready` is called when everything runs.
 *
 * @throws what the start throws; nothing is left running
 */
export async function runInForeground<T extends Closable>(
  start: (hooks: ForegroundHooks) => Promise<T>,
  ready: (stack: T) => void,
): Promise<void> {
  // What this process and its servers write, in DATA_DIR above all, is for its owner alone.
  process.umask(0o077);
  const stopping = new AbortController();
  let starting: Promise<T> | undefined;
  let ending: Promise<void> | undefined;
  const end = (exitCode: number) => {
    ending ??= (async () => {
      stopping.abort(new Error('the start was interrupted'));
      // A start that is interrupted ends what it has begun, and fails; only then may the process go.
      const stack = await starting?.catch(() => undefined);
      if (stack) console.log('\nending: services first, servers last');
      await stack?.close();
      process.exit(exitCode);
    })();
  };
  process.on('SIGINT', () => end(0));
  process.on('SIGTERM', () => end(0));

  starting = start({
    signal: stopping.signal,
    onStep: printStep,
    onSupervision: (event) => console.log(pc.dim(`connectors: ${JSON.stringify(event)}`)),
    onServiceEnded: (name, logFile) => {
      if (ending) return;
      console.error(`${name} ended by itself; its log is ${logFile}`);
      end(1);
    },
  });
  const stack = await starting;
  if (!ending) ready(stack);
}

export function printExamples(examples: readonly Example[]): void {
  console.log('\nTry it:');
  for (const { says, command } of examples) console.log(`\n${pc.dim(`# ${says}`)}\n${command}`);
}

function printStep({ name, state, detail, durationMs }: Step): void {
  const label = name.padEnd(17);
  if (state === 'started') {
    if (detail !== '') console.log(`${pc.dim('…')} ${label} ${pc.dim(detail)}`);
    return;
  }
  const mark = state === 'done' ? pc.green('✔') : pc.red('✘');
  console.log(`${mark} ${label} ${detail} ${pc.dim(`(${(durationMs / 1000).toFixed(1)} s)`)}`);
}
