// Finds a key that an object of a JSON text has twice. Parsers differ in which one counts (RFC 8259, section 4), so whoever looked
// at the body before us may have seen another value. Promises linear time and no recursion.

// Unrolled, as in json-fault.ts; a string with a colon after it is a key. A string that does not end is taken whole, so that the
// rest of the text is not read again from each of its quotes.
const token = /"[^"\\]*(?:\\.?[^"\\]*)*(?:"([\t\n\r ]*:)?)?|[{}]/gs;

/** @param text valid JSON */
export function repeatedKeyIn(text: string): string | undefined {
  const open: Set<string>[] = [];
  for (const [found, colon] of text.matchAll(token)) {
    if (found === '{') open.push(new Set());
    else if (found === '}') open.pop();
    else if (colon !== undefined) {
      // By its meaning: "a" is one key however its letters are escaped.
      const key = JSON.parse(found.slice(0, -colon.length)) as string;
      if (open.at(-1)?.has(key)) return key;
      open.at(-1)?.add(key);
    }
  }
  return undefined;
}
