// Reads one line of an export as a JSON object: exactly, or not at all. What JavaScript or the store would silently change, a line
// that is no UTF-8 or an integer that no double holds, is refused.
import { lostTextIn } from 'foldline/engine';
import { visit } from 'jsonc-parser';
import type { Line } from './lines.ts';
import type { Refused } from './refusal.ts';

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
