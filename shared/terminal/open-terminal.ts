// A process as a command line sees it. A question that is not answered is a no, however it ends: Ctrl-C, Ctrl-D, a terminal that
// is closed, or a signal. Ctrl-C and SIGTERM end the work through `signal`; the second one ends the process.
import { createInterface } from 'node:readline';
import { text as wholeText } from 'node:stream/consumers';
import { type Lines, linesOf, type Output, type OutputProcess, openOutput, shown } from './open-output.ts';

/** Of several lines the last one is the question. */
export type Confirm = (question: Lines) => Promise<boolean>;

type Input = NodeJS.ReadableStream & { readonly isTTY?: boolean; readonly readableEnded?: boolean };

/** What of a process is used; tests pass their own. */
export interface Process extends OutputProcess {
  readonly stdin: Input;
  once(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  once(event: 'uncaughtException', listener: (error: unknown) => void): unknown;
}

export interface Terminal extends Output {
  readonly env: Process['env'];
  /** All of standard input. */
  readonly stdin: () => Promise<string>;
  /** Asks a yes-or-no question; undefined where nobody can answer. */
  readonly confirm: Confirm | undefined;
  /** Aborted when somebody wants it to end. */
  readonly signal: AbortSignal;
}

export function openTerminal(process: Process): Terminal {
  const { env, stdin, stderr } = process;
  const ending = new AbortController();
  process.once('SIGINT', () => ending.abort());
  process.once('SIGTERM', () => ending.abort());
  const output = openOutput(process);
  const atTerminal = stdin.isTTY === true && stderr.isTTY === true;
  return {
    ...output,
    env,
    stdin: () => wholeText(stdin),
    confirm: atTerminal
      ? (question) => {
          const lines = linesOf(question);
          if (lines.length > 1) output.stderr(lines.slice(0, -1));
          return confirmed(shown(lines.at(-1) ?? ''), process, ending);
        }
      : undefined,
    signal: ending.signal,
  };
}

async function confirmed(question: string, { stdin, stderr }: Process, ending: AbortController): Promise<boolean> {
  // What was read to its end, as by `apply -`, brings no answer any more.
  if (ending.signal.aborted || stdin.readableEnded) return false;
  const reader = createInterface({ input: stdin, output: stderr, terminal: true });
  const close = () => reader.close();
  ending.signal.addEventListener('abort', close);
  // The terminal hands the keys over one by one meanwhile: Ctrl-C is one of them, and no signal comes.
  reader.once('SIGINT', () => ending.abort());
  const answer = await new Promise<string | undefined>((settle) => {
    reader.once('close', () => settle(undefined));
    reader.question(`${question} [y/N] `, settle);
  });
  ending.signal.removeEventListener('abort', close);
  close();
  // What is told next begins on a line of its own.
  if (answer === undefined) stderr.write('\n');
  return /^y(es)?$/i.test(answer?.trim() ?? '');
}

export interface Asked {
  /** Undefined where nobody can answer. */
  readonly confirm: Confirm | undefined;
  readonly stderr: (lines: Lines) => void;
}

/** Asks, unless nobody can answer or `--yes` says so. A no is told. */
export async function agreed(question: Lines, yes: boolean | undefined, { confirm, stderr }: Asked): Promise<boolean> {
  if (yes || confirm === undefined || (await confirm(question))) return true;
  stderr('Nothing was done.');
  return false;
}
