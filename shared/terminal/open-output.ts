// The one place where command lines, and processes that do not start, write to a terminal. A string is one line: whatever is in it is
// made visible, a line end too. Lines of a layout are an array, so that no text can make a line of its own.
import { inspect } from 'node:util';
import type { Colors } from 'picocolors/types.js';
import { markedColors, visible, withSequences } from './visible.ts';

/** One line, or several. */
export type Lines = string | readonly string[];

type Stream = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** What of a process is used; tests pass their own. */
export interface OutputProcess {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Stream;
  readonly stderr: Stream;
  once(event: 'uncaughtException', listener: (error: unknown) => void): unknown;
  exit(code: number): void;
}

export interface Output {
  readonly stdout: (lines: Lines) => void;
  /** For messages. */
  readonly stderr: (lines: Lines) => void;
  /** Writes over the last line of messages; undefined where they do not go to a terminal. */
  readonly rewrite: ((line: string) => void) | undefined;
  readonly colors: Colors;
}

export function openOutput(process: OutputProcess): Output {
  const { env, stdout, stderr } = process;
  // Whoever read enough, as `head` does, closes the pipe: that is no fault.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  // Node itself would print the message and the calls as they are.
  process.once('uncaughtException', (error) => {
    stderr.write(printed(block(inspect(error))));
    process.exit(1);
  });
  return {
    stdout: (lines) => stdout.write(printed(lines)),
    stderr: (lines) => stderr.write(printed(lines)),
    // To the start of the line, and nothing after what is written.
    rewrite: stderr.isTTY === true ? (line) => stderr.write(`\r\u001b[K${shown(line)}`) : undefined,
    // Colours would end up as stray characters in a file or another program.
    colors: markedColors(stdout.isTTY === true && !env.NO_COLOR),
  };
}

/** As a line is written: made visible, with the colours of `colors`. */
export const shown = (line: string) => withSequences(visible(line));

const printed = (lines: Lines) =>
  linesOf(lines)
    .map((line) => `${shown(line)}\n`)
    .join('');

export function linesOf(lines: Lines): readonly string[] {
  return typeof lines === 'string' ? [lines] : lines;
}

/** A message that may have several lines, such as the end of a log: each after the first is indented, so that none reads as another message. */
export function block(message: string): string[] {
  const [first = '', ...others] = message.trimEnd().split('\n');
  return [first, ...others.map((line) => (line.startsWith('  ') ? line : `  ${line}`))];
}

/** The form of everything that `-o json` prints. */
export const json = (value: unknown): string[] => JSON.stringify(value, null, 2).split('\n');

export type Format = 'text' | 'json';

/** Prints what a verb has found: as JSON, or as a person reads it. */
export function print(
  { stdout, format }: Pick<Output, 'stdout'> & { readonly format: Format },
  data: unknown,
  text: Lines,
): void {
  stdout(format === 'json' ? json(data) : text);
}

/** Has a command line of the library `commander` print its help and its faults here. */
export function commandOutput({ stdout, stderr }: Pick<Output, 'stdout' | 'stderr'>) {
  const split = (text: string) => text.replace(/\n$/, '').split('\n');
  return {
    writeOut: (text: string) => stdout(split(text)),
    writeErr: (text: string) => stderr(split(text)),
    // A fault repeats what was typed.
    outputError: (text: string) => stderr(block(text)),
  };
}
