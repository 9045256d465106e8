// The commands of a remedy in docs/troubleshooting.md, run as the page prints them.
import { remedyBlocks } from 'foldline/testing/workspace';
import { type AdminRun, runAdmin } from './admin-process.ts';
import type { TestSystem } from './test-system.ts';

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
  const lines = remedyBlocks(heading)
    .join('')
    .split('\n')
    .filter((line) => line.startsWith(admin));
  if (lines.length === 0)
    throw new Error(`docs/troubleshooting.md prints no line of npm run admin under "${heading}".`);
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
