// The one text of a JSON value (RFC 8785): equal values have equal text, whatever the order of their keys or their spacing was.
// The recursion is as deep as the value; a caller bounds the depth of a stranger's value first.

const loneSurrogate = /\p{Surrogate}/u;

/**
 * Canonical JSON. Keys are ordered by UTF-16 code units, numbers and strings are written as ECMAScript does. Like
 * `JSON.stringify`, the function leaves out undefined members, and calls `toJSON` on values that have this method (a Date).
 *
 * @throws TypeError for a value without a canonical text: numbers that are not finite, lone surrogates, functions and the like
 */
export function canonicalJson(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object') return textOfObject(value as Record<string, unknown>);
  if (typeof value === 'string') return textOfString(value);
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return JSON.stringify(value);
  throw new TypeError(`${typeof value === 'number' ? value : `A ${typeof value}`} has no canonical JSON.`);
}

function textOfObject(record: Record<string, unknown>): string {
  if (typeof record.toJSON === 'function') return canonicalJson(record.toJSON());
  // Array.sort without a comparison orders by UTF-16 code units, as section 3.2.3 asks.
  const members = Object.keys(record)
    .filter((key) => record[key] !== undefined)
    .sort()
    .map((key) => `${textOfString(key)}:${canonicalJson(record[key])}`);
  return `{${members.join(',')}}`;
}

/** Section 3.2.2.2: a lone surrogate is an error, where `JSON.stringify` alone would escape it. */
function textOfString(text: string): string {
  if (loneSurrogate.test(text)) throw new TypeError('A lone surrogate has no canonical JSON.');
  return JSON.stringify(text);
}
