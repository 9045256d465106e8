// What the documents promise to exist: links, commands, files, settings. Pure functions from the text of a page.
import { posix } from 'node:path';

export interface Link {
  /** Path from the root; the page itself for a link to one of its own headings. */
  readonly file: string;
  readonly heading: string | undefined;
  readonly asWritten: string;
}

/** The relative links of a page; those to other hosts are left out. */
export function linksOf(page: string, text: string): Link[] {
  return [...withoutBlocks(text).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, asWritten = '']) => {
    if (/^[a-z]+:/.test(asWritten)) return [];
    const [path = '', heading] = asWritten.split('#');
    const file = path === '' ? page : posix.normalize(posix.join(posix.dirname(page), path));
    return [{ file, heading, asWritten }];
  });
}

/** The anchors of a page's headings, as GitHub makes them. */
export function anchorsOf(text: string): string[] {
  return [...withoutBlocks(text).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

export interface NpmCommand {
  readonly script: string;
  readonly workspace: string | undefined;
}

/** Each `npm run <script>`, `npm start` and `npm test`, in code blocks too. */
export function npmCommandsOf(text: string): NpmCommand[] {
  return [...text.matchAll(/\bnpm (?:run (?:--silent )?([a-z][\w:-]*)|(start|test)\b)(?: -w ([\w-]+))?/g)].map(
    ([, run, short, workspace]) => ({ script: run ?? short ?? '', workspace }),
  );
}

/** What stands between back ticks inside a line. */
export function codeOf(text: string): string[] {
  return [...withoutBlocks(text).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
}

const folders = /^(shared|user-service|shopping-service|connect|test|bench|docs|examples)\/[\w./*-]*$/;

/** Paths of the repository that the page names in code: `shared/engine/fold.ts`, `connect/connectors/`. Patterns are left out. */
export function pathsIn(text: string): string[] {
  return codeOf(text).filter((code) => folders.test(code) && !code.includes('*') && !code.includes('/dist/'));
}

/** Environment variables that the page names in code, alone or with a value. */
export function variablesIn(text: string): string[] {
  return [...text.matchAll(/`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|HOST)(?:=[^`]*)?`/g)].map(([, name = '']) => name);
}

/** Error codes beside their status, as in "503 `subject-held`". */
export function problemsIn(text: string): { status: number; code: string }[] {
  return [...text.matchAll(/\b([45]\d\d) `([a-z-]+)`/g)].map(([, status, code = '']) => ({
    status: Number(status),
    code,
  }));
}

/** The lines of fences that begin a block inside another one, and the last line of a block that never ends. */
export function unclosedBlocksOf(text: string): string[] {
  const faults: string[] = [];
  let begun: number | undefined;
  for (const [at, line] of text.split('\n').entries()) {
    if (!line.startsWith('```')) continue;
    if (begun !== undefined && line !== '```') faults.push(`the block of line ${begun} goes on to line ${at + 1}`);
    begun = begun === undefined || line !== '```' ? at + 1 : undefined;
  }
  return begun === undefined ? faults : [...faults, `the block of line ${begun} never ends`];
}

/** The rows of tables that have another number of cells than the row before them. */
export function brokenRowsOf(text: string): string[] {
  const lines = withoutBlocks(text).split('\n');
  const cells = (line = '') => (line.startsWith('|') ? line.replaceAll('\\|', '').split('|').length : 0);
  return lines.filter(
    (line, at) => cells(line) > 0 && cells(lines[at - 1]) > 0 && cells(line) !== cells(lines[at - 1]),
  );
}

/** Sentences of at least sixty characters that stand twice in the prose of a page. */
export function repeatedSentencesOf(text: string): string[] {
  const prose = withoutBlocks(text)
    .split('\n')
    .filter((line) => !line.startsWith('|'))
    .join(' ');
  const sentences = prose.split(/(?<=[.]) +/).filter((sentence) => sentence.length >= 60);
  return sentences.filter((sentence, at) => sentences.indexOf(sentence) !== at);
}

/** The text without its fenced blocks. */
export function withoutBlocks(text: string): string {
  return text.replace(/^```[\s\S]*?^```$/gm, '');
}
