// The `npm run connect` lines that docs/troubleshooting.md prints under a symptom, for the test that plays it: what is typed there is
// what runs. The files of the test stand in the place of the default folder.
import { remedyBlocks } from 'foldline/testing/workspace';
import type { CliRun, ConnectServers } from './connect-servers.ts';

const command = /^npm run connect -- (.+)$/gm;

/**
 * Runs the lines under a heading, in order, on these files or on those of the repository.
 * @throws Error when the page has no such heading, or no line under it
 */
export async function runRemedy(
  { cli }: Pick<ConnectServers, 'cli'>,
  heading: string,
  files?: string,
): Promise<CliRun[]> {
  const lines = [...remedyBlocks(heading).join('').matchAll(command)].map(([, args = '']) => args.split(' '));
  if (lines.length === 0)
    throw new Error(`docs/troubleshooting.md prints no line of npm run connect under "${heading}".`);
  const runs: CliRun[] = [];
  for (const args of lines) runs.push(await cli(files === undefined ? args : [...args, files]));
  return runs;
}
