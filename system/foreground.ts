// A stack in the foreground of a terminal: each step is told as it happens, and Ctrl-C ends all of it.
import { supervisionText } from 'foldline/connect';
import { block, type Output } from 'foldline/terminal';
import type { ProcessEvent } from './processes/kept-running.ts';
import type { StackOptions } from './stack.ts';
import type { Closable, Step } from './steps.ts';

type ForegroundHooks = Required<Pick<StackOptions, 'signal' | 'onStep' | 'onSupervision' | 'onProcess'>>;

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
  output: Output,
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
      if (stack) output.stdout(['', 'ending: services first, servers last']);
      await stack?.close();
      process.exit(exitCode);
    })();
  };
  process.on('SIGINT', () => end(0));
  process.on('SIGTERM', () => end(0));

  starting = start({
    signal: stopping.signal,
    onStep: (step) => output.stdout(stepText(step, output)),
    onSupervision: (event) => output.stdout(output.colors.dim(`connectors: ${supervisionText(event)}`)),
    onProcess: (event) => {
      if (ending) return;
      const isOver = event.type === 'given-up';
      output[isOver ? 'stderr' : 'stdout'](block(processText(event)));
      if (isOver) end(1);
    },
  });
  const stack = await starting;
  if (!ending) ready(stack);
}

export function printExamples(examples: readonly Example[], { stdout, colors }: Output): void {
  stdout(['', 'Try it:', ...examples.flatMap(({ says, command }) => ['', colors.dim(`# ${says}`), command])]);
}

/** What failed may be told with the end of a log: only the first line is one of ours. */
function stepText({ name, state, detail, durationMs }: Step, { colors }: Output): string[] {
  const label = name.padEnd(17);
  const [first = '', ...others] = block(detail);
  if (state === 'started') return detail === '' ? [] : [`${colors.dim('…')} ${label} ${colors.dim(first)}`, ...others];
  const sign = state === 'done' ? colors.green('✔') : colors.red('✘');
  const took = colors.dim(`(${(durationMs / 1000).toFixed(1)} s)`);
  return others.length === 0
    ? [`${sign} ${label} ${first} ${took}`]
    : [`${sign} ${label} ${first}`, ...others.slice(0, -1), `${others.at(-1)} ${took}`];
}

export function processText(event: ProcessEvent): string {
  const { type, name, reason } = event;
  switch (type) {
    case 'ended':
      return `${name} does not run (${reason}): it is started again in ${seconds(event.waitMs)}`;
    case 'not-started':
      return `${name} could not be started again, next try in ${seconds(event.waitMs)}: ${reason}`;
    case 'runs-again':
      return `${name} runs again, after ${seconds(event.downMs)}`;
    case 'given-up':
      return `${name} ended ${event.ends} times within ten minutes and is not started again: ${reason}; its log is in logs/ of DATA_DIR`;
  }
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
