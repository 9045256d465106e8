// The one reader of JSON that points at a fault: a line and a column, a key that is given twice, too many levels.
// Strict RFC 8259: no comments, no trailing commas. Promises time linear in the text, and recursion no deeper than `levelsMax`.
// The library jsonc-parser knows the grammar; JSON.parse makes the value.
import { printParseErrorCode, visit } from 'jsonc-parser';

export type JsonPath = readonly (string | number)[];

export interface LocatedJson {
  readonly value: unknown;
  /** Line (from 1) of the key or element at `path`, or of its nearest parent that exists. */
  lineOf(path: JsonPath): number;
}

/** `repeated-key`: parsers differ in which of the two counts (RFC 8259, section 4). */
export type JsonFaultKind = 'syntax' | 'repeated-key' | 'too-deep';

/** Lines and columns count from 1, columns in UTF-16 code units. */
export interface JsonLocation {
  readonly line: number;
  readonly column: number;
}

/** The message is for the owner of the text: it may repeat a key, or one character. */
export class JsonFault extends Error {
  override readonly name = 'JsonFault';
  readonly line: number;
  readonly column: number;

  constructor(
    readonly kind: JsonFaultKind,
    message: string,
    { line, column }: JsonLocation,
    /** Where in the document the fault was met; empty at the top. */
    readonly path: JsonPath,
    /** Where the text stops being JSON, and what could have stood there. Repeats nothing of the text. */
    readonly stop: JsonLocation & { readonly expected: string },
  ) {
    super(message);
    this.line = line;
    this.column = column;
  }
}

/** The line on which a value, or its key, begins, and what is in the value. */
interface Part {
  readonly line: number;
  members?: Map<string, Part>;
  elements?: Part[];
}

/** What the next token has to be. */
type Expected = 'value' | 'key' | 'colon' | 'after-value';

const refusedInTexts = 'A text holds an escape or a control character that JSON does not allow';

const refusedNumber = 'A number is not written as JSON writes it';

/** By the names that the library has for them. */
const faultsOfTokens: Readonly<Record<string, string>> = {
  UnexpectedEndOfString: 'A text is not closed on its line',
  InvalidEscapeCharacter: refusedInTexts,
  InvalidUnicode: refusedInTexts,
  InvalidCharacter: refusedInTexts,
  UnexpectedEndOfNumber: refusedNumber,
};

/**
 * @param levelsMax how deep objects and lists may nest
 * @throws JsonFault at the first fault
 */
export function parseLocatedJson(source: string, levelsMax: number): LocatedJson {
  const root: Part = { line: 1 };
  const open: Part[] = [];
  const path: (string | number)[] = [];
  let latest = root;
  let expected: Expected = 'value';
  /** Where the newest comma stands, and the newest number ends. */
  let comma = -1;
  let numberEnd = -1;
  let numberLength = 0;

  function fault(kind: JsonFaultKind, message: string, offset: number, stop = offset): JsonFault {
    const shown = expectedText(expected, open.at(-1));
    return new JsonFault(kind, message, placeAt(source, offset), [...path], {
      ...placeAt(source, stop),
      expected: shown,
    });
  }

  function beginValue(line: number) {
    const elements = open.at(-1)?.elements;
    if (!elements) return;
    latest = { line: line + 1 };
    elements.push(latest);
  }

  function endValue() {
    path.length = Math.max(0, open.length - 1);
    expected = 'after-value';
  }

  function beginContainer(inside: 'members' | 'elements', offset: number, line: number) {
    beginValue(line);
    if (open.length === levelsMax) throw fault('too-deep', `More than ${levelsMax} levels`, offset);
    if (inside === 'members') latest.members = new Map();
    else latest.elements = [];
    open.push(latest);
    beginMember();
  }

  function beginMember() {
    const elements = open.at(-1)?.elements;
    expected = elements ? 'value' : 'key';
    if (elements) path.push(elements.length);
  }

  /** Called by the library at the end of the text as well. */
  function endContainer(offset: number) {
    if (source[offset] !== endOf(open.at(-1))) throw unexpected(offset);
    open.pop();
    endValue();
  }

  function unexpected(offset: number): JsonFault {
    const found = source[offset];
    if (
      expected !== 'after-value' &&
      comma >= 0 &&
      found === endOf(open.at(-1)) &&
      isBlank(source, comma + 1, offset)
    ) {
      path.length = open.length - 1;
      return fault('syntax', `A comma stands before "${found}"`, comma, offset);
    }
    if (numberEnd === offset && found !== undefined && /[\w.+-]/.test(found)) {
      expected = 'value';
      return fault('syntax', refusedNumber, numberEnd - numberLength);
    }
    const shown = found === undefined ? 'the end of the file' : JSON.stringify(found);
    return fault('syntax', `Expected ${expectedText(expected, open.at(-1))}, found ${shown}`, offset);
  }

  visit(
    source,
    {
      onObjectBegin: (offset, _length, line) => beginContainer('members', offset, line),
      onArrayBegin: (offset, _length, line) => beginContainer('elements', offset, line),
      onObjectProperty(key, offset, _length, line) {
        const members = open.at(-1)?.members;
        path.push(key);
        if (members?.has(key)) throw fault('repeated-key', `The key ${JSON.stringify(key)} is given twice`, offset);
        latest = { line: line + 1 };
        members?.set(key, latest);
        expected = 'colon';
      },
      onSeparator(separator, offset) {
        if (separator === ':') {
          expected = 'value';
          return;
        }
        comma = offset;
        beginMember();
      },
      onLiteralValue(value, offset, length, line) {
        if (typeof value === 'number') {
          numberLength = length;
          numberEnd = offset + length;
        }
        beginValue(line);
        endValue();
      },
      onObjectEnd: endContainer,
      onArrayEnd: endContainer,
      onError(code, offset) {
        const message = faultsOfTokens[printParseErrorCode(code)];
        throw message ? fault('syntax', message, offset) : unexpected(offset);
      },
    },
    { disallowComments: true },
  );

  return {
    value: JSON.parse(source),
    lineOf(path) {
      let part = root;
      for (const key of path) {
        const inner = typeof key === 'number' ? part.elements?.[key] : part.members?.get(key);
        if (!inner) break;
        part = inner;
      }
      return part.line;
    },
  };
}

const endOf = (part: Part | undefined) => part && (part.members ? '}' : ']');

const isBlank = (source: string, from: number, to: number) => source.slice(from, to).trim() === '';

function expectedText(expected: Expected, parent: Part | undefined): string {
  if (expected === 'value') return 'a value';
  if (expected === 'key') return 'a key in double quotes';
  if (expected === 'colon') return '":"';
  return parent ? `"," or "${endOf(parent)}"` : 'the end of the file';
}

function placeAt(source: string, offset: number): JsonLocation {
  const before = source.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}
