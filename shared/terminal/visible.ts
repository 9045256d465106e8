// Text from elsewhere, such as names, details and traces, as it may be printed: what a terminal would obey or hide is shown as an escape.
// The escapes are those of JSON, so that JSON that is printed stays JSON and reads back as the same values.

// A joiner holds two characters together and a selector chooses the form of one: without them names in Persian or Hindi and many emoji
// fall apart. They stay where they do so: after a character beyond ASCII, one of each; anywhere else they make one name look like
// another, and a row of them carries a hidden text.
// What else is found: controls (C0, DEL, C1), line and paragraph separators, lone surrogates, and what turns the direction or hides.
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
