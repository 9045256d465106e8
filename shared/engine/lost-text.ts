// Finds text that was lost on its way. A decoder puts U+FFFD in the place of invalid UTF-8, and a lone surrogate has no UTF-8 at all: in
// both cases the original text is gone, so nothing may be folded from it.
import type { RecordedEvent } from './event.ts';

/** The texts of an event that no pattern restricts; these texts are checked. */
export type TextsOfEvent = Pick<RecordedEvent, 'data'> &
  Partial<Pick<RecordedEvent, 'source' | 'correlationid' | 'causationid' | 'unreadable'>>;

/** A paired surrogate is no fault. The first pattern is the faster one on text that has more than Latin letters. */
const suspect = /[\ufffd\ud800-\udfff]/;
const lost = /[\ufffd\p{Cs}]/u;
const pathCharactersMax = 200;
const keyCharactersMax = 40;

/** Whether a text holds U+FFFD or a lone surrogate. Text of Latin letters alone is not even scanned. */
export function isLostText(text: string): boolean {
  return suspect.test(text) && lost.test(text);
}

/** The text with a question mark in place of each lost character; for error messages whose wording comes from elsewhere. */
export function withoutLostText(text: string): string {
  return text.replace(/[\ufffd\p{Cs}]/gu, '?');
}

/** Why an event cannot be read, naming the field; undefined when it can. */
export function lostTextOf({ unreadable, source, correlationid, causationid, data }: TextsOfEvent): string | undefined {
  return unreadable ?? lostTextIn({ source, correlationid, causationid, data });
}

/**
 * One short sentence that names the first field with lost text; undefined when no field has any. Keys are checked as well.
 * A topic may bring values of any depth, so the walk keeps its own stack.
 */
export function lostTextIn(root: object): string | undefined {
  const open: { readonly value: object; readonly path: string }[] = [{ value: root, path: '' }];
  for (let one = open.pop(); one; one = open.pop()) {
    // Runs once for each event and fold: keys alone are listed, and no pairs are made.
    for (const key of Object.keys(one.value)) {
      const value: unknown = (one.value as Readonly<Record<string, unknown>>)[key];
      if (isLostText(key)) return `a key${one.path && ` in ${one.path}`} ${loss}`;
      if (typeof value === 'string') {
        if (isLostText(value)) return `${within(one.path, key)} ${loss}`;
      } else if (isPlain(value)) open.push({ value, path: within(one.path, key) });
    }
  }
  return undefined;
}

const loss = 'holds U+FFFD, a lone surrogate or invalid UTF-8, so that its text is lost';

function within(path: string, key: string): string {
  if (path.length > pathCharactersMax) return path;
  return `${path}${path && '.'}${key.slice(0, keyCharactersMax)}`;
}

/** A value of the store's own, such as binary data, holds no text. */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
