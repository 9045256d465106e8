// Finds where a text stops being JSON, after the parser has refused it: the engine's own message quotes the text
// (which may be personal data) and often names no place. Promises linear time and no recursion.

const whiteSpace = /[\t\n\r ]*/y;
// Unrolled so that an unterminated string is refused in one pass instead of exponentially many.
const string = /"[^"\\\p{Cc}]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\p{Cc}]*)*"/uy;
const scalar = /(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)(?![\w.+-])/y;

type Expected = 'a value' | 'a value or ]' | 'a key' | 'a key or }' | ':' | 'a comma or the end' | 'nothing more';

export interface JsonFault {
  /** From 1. */
  line: number;
  /** From 1, in UTF-16 code units. */
  column: number;
  expected: Expected;
}

/** The first place at which `text` cannot be JSON (RFC 8259), and what could have stood there. */
export function findJsonFault(text: string): JsonFault {
  const open: ('{' | '[')[] = [];
  let expected: Expected = 'a value';
  let at = 0;

  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    if (!pattern.test(text)) return false;
    at = pattern.lastIndex;
    return true;
  };
  const afterValue = (): Expected => (open.length === 0 ? 'nothing more' : 'a comma or the end');
  const close = (): Expected => {
    open.pop();
    at += 1;
    return afterValue();
  };

  for (;;) {
    take(whiteSpace);
    const next = text[at];
    const inside = open.at(-1);
    if (expected === ':' && next === ':') {
      expected = 'a value';
      at += 1;
    } else if (expected === 'a comma or the end' && next === ',') {
      expected = inside === '{' ? 'a key' : 'a value';
      at += 1;
    } else if (expected === 'a comma or the end' && next === (inside === '{' ? '}' : ']')) {
      expected = close();
    } else if ((expected === 'a key or }' && next === '}') || (expected === 'a value or ]' && next === ']')) {
      expected = close();
    } else if (expected === 'a key' || expected === 'a key or }') {
      if (!take(string)) break;
      expected = ':';
    } else if (expected === 'a value' || expected === 'a value or ]') {
      if (next === '{' || next === '[') {
        open.push(next);
        expected = next === '{' ? 'a key or }' : 'a value or ]';
        at += 1;
      } else if (take(string) || take(scalar)) {
        expected = afterValue();
      } else break;
    } else break;
  }

  const before = text.slice(0, at);
  return { line: before.split('\n').length, column: at - (before.lastIndexOf('\n') + 1) + 1, expected };
}
