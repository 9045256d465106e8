// A process as a command line sees it. A question that is not answered is a no, however it ends: Ctrl-C, Ctrl-D, a terminal that
// is closed, or a signal. Ctrl-C and SIGTERM end the work through `signal`; the second one ends the process.
import { createInterface } from 'node:readline';
import { text as wholeText } from 'node:stream/consumers';
import pc from 'picocolors';
import type { Colors } from 'picocolors/types.js';
import type { Confirm } from './agreed.ts';

type Input = NodeJS.ReadableStream & { readonly isTTY?: boolean; readonly readableEnded?: boolean };
type Output = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** What of a process is used; tests pass their own. */
export interface Process {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  once(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  exit(code: number): void;
}

export interface Terminal {
  readonly env: Process['env'];
  /** Writes a line. */
  readonly stdout: (text: string) => void;
  /** Writes a line of messages. */
  readonly stderr: (text: string) => void;
  /** Writes over the last line of messages; undefined where they do not go to a terminal. */
  readonly rewrite: ((text: string) => void) | undefined;
  /** All of standard input. */
  readonly stdin: () => Promise<string>;
  readonly colors: Colors;
  /** Asks a yes-or-no question; undefined where nobody can answer. */
  readonly confirm: Confirm | undefined;
  /** Aborted when somebody wants it to end. */
  readonly signal: AbortSignal;
}

export function openTerminal(process: Process): Terminal {
  const { env, stdin, stdout, stderr } = process;
  const ending = new AbortController();
  process.once('SIGINT', () => ending.abort());
  process.once('SIGTERM', () => ending.abort());
  // Whoever read enough, as `head` does, closes the pipe: that is no fault.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  const atTerminal = stdin.isTTY === true && stderr.isTTY === true;
  return {
    env,
    stdout: (text) => stdout.write(`${text}\n`),
    stderr: (text) => stderr.write(`${text}\n`),
    // To the start of the line, and nothing behind what is written.
    rewrite: stderr.isTTY === true ? (text) => stderr.write(`\r\u001b[K${text}`) : undefined,
    stdin: () => wholeText(stdin),
    // Colours would end up as stray characters in a file or another program.
    colors: pc.createColors(stdout.isTTY === true && !env.NO_COLOR),
    confirm: atTerminal ? (question) => confirmed(question, process, ending) : undefined,
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
