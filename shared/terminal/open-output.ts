// The one place where command lines, and processes that do not start, write to a terminal. A string is one line: whatever is in it is
// made visible, a line end too. Lines of a layout are an array, so that no text can make a line of its own. Control characters are
// shown, not obeyed, and colors come only from the program itself.
import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import pc from 'picocolors';
import type { Colors, Formatter } from 'picocolors/types.js';

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
export const shown = (line: string) => visible(line).replaceAll(mark, sequence);

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

const unsafe =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]|(?!(?<=[^\0-\x7f\p{DI}])[\ufe00-\ufe0f\u{e0100}-\u{e01ef}\u180b-\u180d\u180f]|(?<=[0-9#*])\ufe0f\u20e3|(?<=[^\0-\x7f\u200c\u200d])[\u200c\u200d])[\p{Cf}\p{DI}]/gu;

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The text in one line, in which nothing moves the cursor, sets a colour or turns the direction. Safe to be called again. */
export function visible(text: string): string {
  return text.replace(unsafe, (character) => short[character] ?? escaped(character));
}

function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, i) => {
    const unit = character.charCodeAt(i).toString(16).padStart(4, '0');
    return `\\u${unit}`;
  }).join('');
}

const sequence = '\u001b';
const mark = randomUUID();
const plain = pc.createColors(false);
const colored = pc.createColors(true);

function markedColors(isWanted: boolean): Colors {
  if (!isWanted) return plain;
  const pens = Object.entries(colored).map(([name, pen]) => [name, typeof pen === 'function' ? marked(pen) : pen]);
  return Object.fromEntries(pens) as Colors;
}

function marked(pen: Formatter): Formatter {
  const [before = '', after = ''] = pen('|')
    .split('|')
    .map((code) => code.replaceAll(sequence, mark));
  return (text) => `${before}${text}${after}`;
}
