// What foreign text may do on a terminal: control characters are shown, not obeyed, and colors come only from the program itself.
// Colors are marks of this process; a sequence that came with a text stays escaped, because its sender cannot know the mark.
import { randomUUID } from 'node:crypto';
import pc from 'picocolors';
import type { Colors, Formatter } from 'picocolors/types.js';

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

export function markedColors(isWanted: boolean): Colors {
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

/** To be called with a text that was made visible. */
export const withSequences = (text: string) => text.replaceAll(mark, sequence);
