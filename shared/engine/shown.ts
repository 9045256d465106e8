// How values and texts of others are shown in messages: by type where they are no text, and never longer than a limit. Total: a value
// whose own text cannot be made is shown all the same.

/** The longest text of one value inside a message. */
export const shownCharactersMax = 80;
/** The longest text of one message: the detail of a held subject as it is stored, answered and logged. */
export const detailCharactersMax = 400;

/** A value that is not what it should be: a text is quoted, and of anything with members only the type is said. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'string') return shownText(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return 'an array';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid date' : value.toISOString();
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** The limit holds for what is between the quotes: an escaped character counts as it is written. */
function shownText(text: string): string {
  const quoted = JSON.stringify(text.slice(0, shownCharactersMax)).slice(1, -1);
  const isWhole = text.length <= shownCharactersMax && quoted.length <= shownCharactersMax;
  // An escape that the limit cuts is left out.
  return isWhole ? `"${quoted}"` : `"${quoted.slice(0, shownCharactersMax - 1).replace(/\\[^\\]{0,5}$/, '')}…"`;
}

/** A text as it is, or its beginning. */
export function bounded(text: string, charactersMax: number = detailCharactersMax): string {
  if (text.length <= charactersMax) return text;
  const cut = text.slice(0, charactersMax - 1);
  return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}

/** A text without the user and the password of any URI in it. */
export function withoutLogins(text: string): string {
  return text.replace(/\S+/g, withoutLogin);
}

// Up to the last @ of the word, whatever stands between: a password may hold quotes and brackets, and "/" and "@" where it
// should not. What follows it in the same word is masked with it rather than told.
function withoutLogin(word: string): string {
  const start = word.indexOf('://') + 3;
  const end = word.lastIndexOf('@');
  return start < 3 || end < start ? word : `${word.slice(0, start)}***${word.slice(end)}`;
}
