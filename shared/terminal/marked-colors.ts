// Colours as marks that nobody else can write: the output escapes every text, and then turns these marks into the terminal's sequences.
// A sequence that came with a text stays escaped, because its sender cannot know the mark of this process.
import { randomUUID } from 'node:crypto';
import pc from 'picocolors';
import type { Colors, Formatter } from 'picocolors/types.js';

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
