// The commands of a remedy in docs/troubleshooting.md, run as the page prints them.
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type AdminRun, runAdmin } from './admin-process.ts';
import type { TestSystem } from './test-system.ts';

const page = join(resolve(__dirname, '..', '..', '..'), 'docs', 'troubleshooting.md');
const admin = 'npm run admin -- ';

/**
 * Runs every `npm run admin` line below a heading, in order.
 * @param replace what the page says as an example, and what stands here in its place
 */
export async function carryOutRemedy(
  system: Pick<TestSystem, 'ready'>,
  heading: string,
  replace: Readonly<Record<string, string>>,
): Promise<AdminRun[]> {
  const section = (await readFile(page, 'utf8')).split(/^### /m).find((one) => one.startsWith(`${heading}\n`)) ?? '';
  const blocks = [...section.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);
  const lines = blocks
    .join('')
    .split('\n')
    .filter((line) => line.startsWith(admin));
  if (lines.length === 0) throw new Error(`${page} has no command below "${heading}".`);
  const runs: AdminRun[] = [];
  for (const line of lines) {
    const typed = Object.entries(replace).reduce((text, [said, real]) => text.replaceAll(said, real), line);
    const words = typed
      .slice(admin.length)
      .replace(/ +#.*$/, '')
      .split(' ');
    runs.push(await runAdmin(system, ...words.map((word) => word.replace(/^'(.*)'$/, '$1'))));
  }
  return runs;
}
