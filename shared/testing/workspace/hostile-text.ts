// Text that attacks a terminal, and an oracle that finds what a terminal would obey: by ranges of numbers, not as the product finds it.

/** It would clear the screen, colour, set the title by a C1 sequence, run backwards, hide, and print a line of its own. */
export const hostileText = 'a\u001b[2J\u009b31m\u007f\u202eb\u200b\r\nFORGED all run';

/** As it may be printed. */
export const hostileTextShown = 'a\\u001b[2J\\u009b31m\\u007f\\u202eb\\u200b\\r\\nFORGED all run';

const lineEnd = 0x0a;
const ranges: readonly (readonly [from: number, to: number])[] = [
  [0x00, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x61c, 0x61c],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x200b, 0x200b],
  [0x200e, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x206f],
  [0x3164, 0x3164],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff0, 0xfffb],
  [0xe0000, 0xe00ff],
];
const joiners: typeof ranges = [[0x200c, 0x200d]];
const selectors: typeof ranges = [
  [0x180b, 0x180f],
  [0xfe00, 0xfe0f],
  [0xe0100, 0xe01ef],
];

const isIn = (some: typeof ranges, code: number) => some.some(([from, to]) => code >= from && code <= to);

/** The characters that a terminal would obey or hide, but for the ends of lines, and lines that only a forger would have begun. */
export function obeyedIn(text: string): string[] {
  const codes = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  const obeyed = codes.filter((code, at) => {
    const before = codes[at - 1] ?? 0;
    if (isIn(joiners, code)) return before < 0x80;
    if (isIn(selectors, code)) return before < 0x80 || isIn(selectors, before);
    return code !== lineEnd && isIn(ranges, code);
  });
  const forged = text.split('\n').filter((line) => line.startsWith('FORGED'));
  return [...obeyed.map((code) => `U+${code.toString(16)}`), ...forged];
}
