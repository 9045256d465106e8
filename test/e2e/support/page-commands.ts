// Executes the command blocks of a page as a reader would: in order, in one shell, so that what a block sets is there in the next.
// A command that fails fails the page, a request that is refused too, and an answer that has other fields than the page shows.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type CommandBlock, commandBlocksOf, differingShape } from '../../rules/command-blocks.ts';
import { openPageShell } from './page-shell.ts';

const root = resolve(__dirname, '..', '..', '..');
/** How often, and how soon, a reader looks again for what the page shows. */
const looksMax = 30;
const lookEveryMs = 500;

/**
 * Nothing is silent that was refused, and each answer has a line of its own. A reader types slowly, and asks again for what has not
 * arrived: the pages say that it may not have.
 */
const curlSettings = [
  'fail-with-body',
  'no-progress-meter',
  'write-out = "\\n"',
  'max-time = 60',
  'retry = 5',
  'retry-delay = 1',
  'retry-all-errors',
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
  await writeFile(join(home, '.curlrc'), curlSettings);
  const shell = await openPageShell(cwd, { ...env, CURL_HOME: home });
  const outputs = new Map<number, string>();
  try {
    for (const block of blocks) {
      const text = Object.entries(replace).reduce((all, [said, real]) => all.replaceAll(said, real), block.text);
      for (let looks = 1; ; looks += 1) {
        const output = await shell.run(text).catch((error: Error) => {
          throw new Error(`${path}:${block.line} ${error.message}`);
        });
        outputs.set(block.line, output);
        const fault = faultOf(block, asThePageSays(output, replace));
        if (fault === undefined) break;
        if (!onlyAsks(block) || looks === looksMax) throw new Error(`${path}:${block.line} ${fault}`);
        await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
      }
    }
    return outputs;
  } finally {
    await shell.close();
    await rm(home, { recursive: true, force: true });
  }
}

/** Whether a reader may type the block again and change nothing by it. */
function onlyAsks({ text }: CommandBlock): boolean {
  return /^(curl .*\n?|#.*\n?)+$/.test(text.trimEnd()) && !/ (-X|--request|-d|--data\S*|--json|-F|-T) /.test(text);
}

/** Keys of JSON may be ids, which the page shortens. */
function asThePageSays(output: string, replace: Readonly<Record<string, string>>): string {
  return Object.entries(replace).reduce((text, [said, real]) => text.replaceAll(real, said), output);
}

/** What the page shows are the last answers of the block, a line each, or one over several lines. @returns how they differ */
function faultOf({ shown }: CommandBlock, output: string): string | undefined {
  if (shown === undefined) return undefined;
  const expected = jsonIn(shown);
  if (expected.length === 0) return 'shows JSON that cannot be read.';
  const printed = jsonIn(output);
  for (const [i, one] of expected.entries()) {
    const at = printed.length - expected.length + i;
    const differs = at < 0 ? 'their number' : differingShape(one, printed[at]);
    if (differs !== undefined) return `shows another answer than it gets; they differ at ${differs}:\n${output}`;
  }
  return undefined;
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
