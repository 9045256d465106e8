// The command blocks of a page, in order: what a reader would type, and what the page shows as the answer.
// A block behind `<!-- not run: why -->` is not executed by any test, and says why.

export interface CommandBlock {
  /** The line on which it begins, from 1. */
  readonly line: number;
  readonly text: string;
  readonly notRun: string | undefined;
  /** The JSON that the page shows next, before any other command or heading. */
  readonly shown: string | undefined;
}

/** `<!-- not run: … -->`, an empty line or none, and the fence. */
const fence = /(?:<!-- not run: (.+?) -->\n+)?^```(\w+)\n([\s\S]*?)^```$/gm;
const heading = /^#{1,6} /m;

export function commandBlocksOf(page: string): CommandBlock[] {
  const blocks: { line: number; text: string; notRun: string | undefined; shown: string | undefined }[] = [];
  let open = false;
  let end = 0;
  for (const { 0: all, 1: notRun, 2: language, 3: text = '', index } of page.matchAll(fence)) {
    const line = page.slice(0, index + all.indexOf('```')).split('\n').length;
    if (heading.test(page.slice(end, index))) open = false;
    end = index + all.length;
    const last = blocks.at(-1);
    if (language === 'json' && open && last) last.shown = text;
    if (language === 'json') open = false;
    if (language !== 'sh') continue;
    blocks.push({ line, text, notRun, shown: undefined });
    open = true;
  }
  return blocks;
}

/**
 * What of two values of JSON is not alike, as a path: other fields, values of other types, other words, another `version` or `state`.
 * Ids, times and figures vary from run to run. Lists are compared by their first members.
 */
export function differingShape(shown: unknown, real: unknown, path = ''): string | undefined {
  if (Array.isArray(shown) && Array.isArray(real)) {
    return shown.length > 0 && real.length > 0 ? differingShape(shown[0], real[0], `${path}/0`) : undefined;
  }
  if (!isObject(shown) || !isObject(real)) return isAlike(shown, real, path) ? undefined : path || '/';
  for (const key of new Set([...Object.keys(shown), ...Object.keys(real)])) {
    if (!(key in shown) || !(key in real)) return `${path}/${key}`;
    const deeper = differingShape(shown[key], real[key], `${path}/${key}`);
    if (deeper !== undefined) return deeper;
  }
  return undefined;
}

const words = /^[A-Za-z][A-Za-z ]*$/;
const exact = /\/(version|state|kind|type|deleted|attempts)$/;

function isAlike(shown: unknown, real: unknown, path: string): boolean {
  if (exact.test(path)) return shown === real;
  // What may be absent is null in one run and there in another.
  if (shown === null || real === null) return !isObject(shown) && !isObject(real);
  if (typeof shown !== typeof real || isObject(shown) !== isObject(real)) return false;
  return typeof shown !== 'string' || !words.test(shown) || shown === real;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export interface PageFile {
  readonly path: string;
  readonly text: string;
}

/** The files that a page tells its reader to make: blocks behind `<!-- file: path -->`. */
export function filesOf(page: string): PageFile[] {
  return [...page.matchAll(/^<!-- file: (.+?) -->\n(?:<!-- .+? -->\n)?```\w+\n([\s\S]*?)^```$/gm)].map(
    ([, path = '', text = '']) => ({ path, text }),
  );
}
