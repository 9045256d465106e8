// Lines of an export: bytes into lines with their numbers, and a line into JSON, or the reason why it is none.
// A line over the limit is reported and never kept, so that no file can fill the memory.
import { lostTextIn } from 'foldline/engine';
import { visit } from 'jsonc-parser';
import type { Refused } from './refusal.ts';

export interface Line {
  /** From 1. */
  readonly number: number;
  /** Without its end; undefined for a line over the limit. */
  readonly bytes: Buffer | undefined;
}

const newline = 0x0a;
const carriageReturn = 0x0d;
const nothing = Buffer.alloc(0);

/** The lines of each piece together, because a wait for each line would cost more than reading it. */
export async function* linesOf(pieces: AsyncIterable<Buffer>, lineBytesMax: number): AsyncGenerator<Line[]> {
  let number = 0;
  let begun: Buffer = nothing;
  let tooLong = false;

  // A carriage return may still turn out to be part of the line's end, so one byte more is kept.
  const keep = (more: Buffer) => {
    tooLong ||= begun.length + more.length > lineBytesMax + 1;
    begun = tooLong ? nothing : begun.length > 0 ? Buffer.concat([begun, more]) : more;
  };
  const end = (rest: Buffer): Line => {
    keep(rest);
    const bytes = begun.at(-1) === carriageReturn ? begun.subarray(0, -1) : begun;
    const whole = !tooLong && bytes.length <= lineBytesMax;
    number += 1;
    begun = nothing;
    tooLong = false;
    return { number, bytes: whole ? bytes : undefined };
  };

  for await (const piece of pieces) {
    const lines: Line[] = [];
    let from = 0;
    for (let at = piece.indexOf(newline); at >= 0; at = piece.indexOf(newline, from)) {
      lines.push(end(piece.subarray(from, at)));
      from = at + 1;
    }
    if (from < piece.length) keep(piece.subarray(from));
    if (lines.length > 0) yield lines;
  }
  if (begun.length > 0 || tooLong) yield [end(nothing)];
}

export type JsonObject = Readonly<Record<string, unknown>>;

export type JsonLine = Refused | { readonly blank: true } | { readonly object: JsonObject };

/** The server refuses documents that nest deeper than 200 levels; an event adds a few of its own. */
const levelsMax = 100;
/** Keys that the driver takes for its own types, or cannot write. */
const unstorableKey = /^_bsontype$|\0/;
const largestInteger = 2n ** 53n;
const longDigits = /\d{16}/;

const utf8 = new TextDecoder('utf-8', { fatal: true });

export function readJsonLine({ bytes }: Line): JsonLine {
  if (!bytes) return { refused: 'too-long' };
  const text = decoded(bytes);
  if (text === undefined) return { refused: 'invalid-utf-8' };
  if (text.trim() === '') return { blank: true };
  const value = parsed(text);
  if (value === undefined) return { refused: 'not-json' };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { refused: 'not-an-object' };
  if (!isStorable(value, levelsMax)) return { refused: 'not-storable' };
  if (longDigits.test(text) && hasTooLargeInteger(text)) return { refused: 'integer-too-large' };
  if (lostTextIn(value) !== undefined) return { refused: 'lost-text' };
  return { object: value as JsonObject };
}

function decoded(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** `undefined`, which no JSON is, when it is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Looked for in the text: once parsed, 2^53 + 1 cannot be told from 2^53. The levels of the text are bounded before. */
function hasTooLargeInteger(text: string): boolean {
  let found = false;
  visit(text, {
    onLiteralValue(value, at, length) {
      const digits = typeof value === 'number' && /^-?(\d{16,})$/.exec(text.slice(at, at + length))?.[1];
      if (digits && BigInt(digits) > largestInteger) found = true;
    },
  });
  return found;
}

function isStorable(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'number' || Number.isFinite(value);
  if (levels === 0) return false;
  if (Array.isArray(value)) return value.every((one) => isStorable(one, levels - 1));
  return Object.entries(value).every(([key, one]) => !unstorableKey.test(key) && isStorable(one, levels - 1));
}
