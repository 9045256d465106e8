// Text from elsewhere, such as names, details and traces, as it may be printed: what a terminal would obey or hide is shown as an escape.
// The escapes are those of JSON, so that JSON that is printed stays JSON and reads back as the same values.

// Controls (C0, DEL, C1), line and paragraph separators, lone surrogates, and format characters: those turn the direction of what
// follows, or hide. The two joiners stay, without which names in Persian or Hindi and many emoji fall apart.
const unsafe = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]|(?![\u200c\u200d])\p{Cf}/gu;

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
