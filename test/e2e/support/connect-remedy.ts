// The `npm run connect` lines that docs/troubleshooting.md prints under a symptom, for the test that plays it: what is typed there is
// what runs. The files of the test stand in the place of the default folder.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { CliRun, ConnectServers } from './connect-servers.ts';

const page = resolve(__dirname, '..', '..', '..', 'docs', 'troubleshooting.md');
const command = /^npm run connect -- (.+)$/gm;

/**
 * Runs the lines under a heading, in order, on these files.
 * @throws Error when the page has no such heading, or no line under it
 */
export async function runRemedy({ cli }: ConnectServers, heading: string, files: string): Promise<CliRun[]> {
  const symptom = readFileSync(page, 'utf8')
    .split(/^### /m)
    .find((text) => text.split('\n')[0]?.replaceAll('`', '') === heading);
  const lines = [...(symptom ?? '').matchAll(command)].map(([, args = '']) => args.split(' '));
  if (lines.length === 0) throw new Error(`docs/troubleshooting.md prints no npm run connect line under "${heading}".`);
  const runs: CliRun[] = [];
  for (const args of lines) runs.push(await cli([...args, files]));
  return runs;
}
