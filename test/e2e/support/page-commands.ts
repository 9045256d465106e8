// Executes the command blocks of a page as a reader would: in order, in one shell, so that what a block sets is there in the next.
// A command that fails fails the page, a request that is refused too, and an answer that has other fields than the page shows.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type CommandBlock, commandBlocksOf, differingShape } from '../../rules/command-blocks.ts';

const root = resolve(__dirname, '..', '..', '..');
const limitMs = 600_000;
const outputBytesMax = 16 * 1024 * 1024;

/**
 * Nothing is silent that was refused, and each answer has a line of its own. A reader types slowly, and asks again for what has not
 * arrived: the pages say that it may not have.
 */
const curlSettings = [
  ...['fail-with-body', 'no-progress-meter', 'write-out = "\\n"', 'max-time = 60'],
  ...['retry = 5', 'retry-delay = 1', 'retry-all-errors'],
].join('\n');

export interface PageWorld {
  /** What the page says, and what stands here in its place: addresses, connection strings. */
  readonly replace?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Where the reader stands; the root of the repository unless told. */
  readonly cwd?: string;
}

/**
 * Runs the blocks of a page that are not marked as not run.
 * @param path from the root, for example `docs/operating.md`
 * @returns what each block printed, by the line on which it begins
 * @throws Error naming page, line and output
 */
export async function runPage(
  path: string,
  { replace = {}, env = {}, cwd = root }: PageWorld,
): Promise<ReadonlyMap<number, string>> {
  const blocks = commandBlocksOf(await readFile(join(root, path), 'utf8')).filter(({ notRun }) => notRun === undefined);
  if (blocks.length === 0) throw new Error(`${path} has no command to run.`);
  const home = await mkdtemp(join(tmpdir(), 'foldline-page-'));
  try {
    await writeFile(join(home, '.curlrc'), curlSettings);
    const { code, stdout, stderr } = await bash(scriptOf(blocks, replace), { cwd, env: { ...env, CURL_HOME: home } });
    const outputs = outputsOf(stdout);
    const last = [...outputs.keys()].at(-1);
    if (code !== 0) throw new Error(`${path}:${last} ended with ${code}:\n${outputs.get(last ?? 0)}\n${stderr}`);
    for (const block of blocks) assertAsShown(path, block, asThePageSays(outputs.get(block.line) ?? '', replace));
    return outputs;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

const markOf = (line: number) => `--- the block at line ${line}`;

function scriptOf(blocks: readonly CommandBlock[], replace: Readonly<Record<string, string>>): string {
  const parts = blocks.map(({ line, text }) => `echo '${markOf(line)}'\n${text}`);
  const script = ['set -euo pipefail', ...parts].join('\n');
  return Object.entries(replace).reduce((text, [said, real]) => text.replaceAll(said, real), script);
}

/** Keys of JSON may be ids, which the page shortens. */
function asThePageSays(output: string, replace: Readonly<Record<string, string>>): string {
  return Object.entries(replace).reduce((text, [said, real]) => text.replaceAll(real, said), output);
}

function outputsOf(stdout: string): Map<number, string> {
  const parts = stdout.split(/^--- the block at line (\d+)$/m).slice(1);
  return new Map(parts.flatMap((part, i) => (i % 2 === 0 ? [[Number(part), parts[i + 1] ?? ''] as const] : [])));
}

/** What the page shows are the last answers of the block, a line each, or one over several lines. */
function assertAsShown(path: string, { line, shown }: CommandBlock, output: string): void {
  if (shown === undefined) return;
  const expected = jsonIn(shown);
  if (expected.length === 0) throw new Error(`${path}:${line} shows JSON that cannot be read.`);
  const printed = jsonIn(output);
  for (const [i, one] of expected.entries()) {
    const at = printed.length - expected.length + i;
    const differs = at < 0 ? 'their number' : differingShape(one, printed[at]);
    if (differs !== undefined)
      throw new Error(`${path}:${line} shows another answer than it gets; they differ at ${differs}:\n${output}`);
  }
}

/** The values of JSON in a text: the whole of it, or each line that is one; headers and messages are passed over. */
function jsonIn(text: string): unknown[] {
  // Where curl asked again, the answers before stand on the same line.
  const apart = text.replaceAll('}{', '}\n{');
  const parsed = (part: string) => {
    try {
      return [JSON.parse(part) as unknown];
    } catch {
      return [];
    }
  };
  const whole = parsed(text);
  return whole.length > 0 ? whole : apart.split('\n').flatMap((line) => (line.startsWith('{') ? parsed(line) : []));
}

function bash(
  script: string,
  { cwd, env }: Required<Pick<PageWorld, 'cwd' | 'env'>>,
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const options = { cwd, env: { ...process.env, ...env }, timeout: limitMs, maxBuffer: outputBytesMax };
  return new Promise((done, failed) => {
    execFile('bash', ['-c', script], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      if (typeof code === 'number') done({ code, stdout, stderr });
      else failed(error);
    });
  });
}
