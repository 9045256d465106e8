// A JSON reader that remembers on which line each key stands, so that a fault in a connector file can be pointed at.
// It also refuses what JSON.parse lets pass silently: a key given twice, of which only the last would count.
// Strict RFC 8259: no comments, no trailing commas.

export type JsonPath = readonly (string | number)[];

export interface LocatedJson {
  readonly value: unknown;
  /** Line (from 1) of the key or element at `path`, or of its nearest parent that exists. */
  lineOf(path: JsonPath): number;
}

export class JsonFault extends Error {
  override readonly name = 'JsonFault';

  constructor(
    readonly line: number,
    readonly column: number,
    detail: string,
    /** Where in the document the fault was met; empty at the top. */
    readonly path: JsonPath,
  ) {
    super(detail);
  }
}

const depthMax = 64;
const literals: ReadonlyArray<readonly [string, unknown]> = [
  ['true', true],
  ['false', false],
  ['null', null],
];
const number = /-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const text = /"(?:[^"\\\n]|\\.)*"/y;

/** @throws JsonFault with line and column of the first fault. */
export function parseLocatedJson(source: string): LocatedJson {
  const lines = new Map<string, number>();
  let at = 0;

  const lineAt = (offset: number) => source.slice(0, offset).split('\n').length;
  const fault = (detail: string, path: JsonPath, offset = at) =>
    new JsonFault(lineAt(offset), offset - source.lastIndexOf('\n', offset - 1), detail, path);
  const seen = () => (at < source.length ? JSON.stringify(source[at]) : 'the end of the file');

  function skipSpace() {
    while (at < source.length && ' \t\r\n'.includes(source.charAt(at))) at += 1;
  }

  function take(pattern: RegExp): string | undefined {
    pattern.lastIndex = at;
    const found = pattern.exec(source)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  }

  function string(path: JsonPath): string {
    const start = at;
    const raw = take(text);
    if (raw === undefined) throw fault('A text is not closed on its line', path, start);
    try {
      return JSON.parse(raw) as string;
    } catch {
      // Never the text itself: a password with a backslash is what ends up here.
      throw fault('A text holds an escape or a control character that JSON does not allow', path, start);
    }
  }

  /** Reads `first (, next)*` up to `close`; the opening bracket is taken already. */
  function sequence(close: string, path: JsonPath, member: (index: number) => void) {
    skipSpace();
    if (source[at] === close) {
      at += 1;
      return;
    }
    for (let index = 0; ; index += 1) {
      member(index);
      skipSpace();
      if (source[at] === close) break;
      if (source[at] !== ',') throw fault(`Expected "," or ${JSON.stringify(close)}, found ${seen()}`, path);
      const comma = at;
      at += 1;
      skipSpace();
      if (source[at] === close) throw fault(`A comma stands before ${JSON.stringify(close)}`, path, comma);
    }
    at += 1;
  }

  function object(path: JsonPath): Record<string, unknown> {
    const entries = new Map<string, unknown>();
    sequence('}', path, () => {
      if (source[at] !== '"') throw fault(`Expected a key in double quotes, found ${seen()}`, path);
      const start = at;
      const key = string(path);
      const inner = [...path, key];
      if (entries.has(key)) throw fault(`The key ${JSON.stringify(key)} is given twice`, inner, start);
      lines.set(JSON.stringify(inner), lineAt(start));
      skipSpace();
      if (source[at] !== ':') throw fault(`Expected ":" after the key ${JSON.stringify(key)}, found ${seen()}`, inner);
      at += 1;
      entries.set(key, value(inner));
    });
    // fromEntries defines properties, so that a key "__proto__" is only a key.
    return Object.fromEntries(entries);
  }

  function array(path: JsonPath): unknown[] {
    const members: unknown[] = [];
    sequence(']', path, (index) => {
      lines.set(JSON.stringify([...path, index]), lineAt(at));
      members.push(value([...path, index]));
    });
    return members;
  }

  function value(path: JsonPath): unknown {
    skipSpace();
    if (path.length > depthMax) throw fault(`More than ${depthMax} levels`, path);
    if (source[at] === '"') return string(path);
    if (source[at] === '{' || source[at] === '[') {
      at += 1;
      return source[at - 1] === '{' ? object(path) : array(path);
    }
    for (const [word, meaning] of literals) {
      if (source.startsWith(word, at)) {
        at += word.length;
        return meaning;
      }
    }
    const digits = take(number);
    if (digits === undefined) throw fault(`Expected a value, found ${seen()}`, path);
    return Number(digits);
  }

  const root = value([]);
  skipSpace();
  if (at < source.length) throw fault(`Expected the end of the file, found ${seen()}`, []);
  return {
    value: root,
    lineOf(path) {
      for (let length = path.length; length > 0; length -= 1) {
        const line = lines.get(JSON.stringify(path.slice(0, length)));
        if (line !== undefined) return line;
      }
      return 1;
    },
  };
}
