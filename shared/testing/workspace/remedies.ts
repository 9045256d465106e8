// What docs/troubleshooting.md prints for one symptom, so that a test carries out the very text that a reader would copy.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** The fenced blocks of a symptom, in order. @throws Error when the page has no such heading */
export function remedyBlocks(heading: string): string[] {
  const page = readFileSync(resolve(process.cwd(), 'docs/troubleshooting.md'), 'utf8');
  const symptom = page.split(/^###? /m).find((part) => part.split('\n')[0]?.replaceAll('`', '') === heading);
  if (symptom === undefined) throw new Error(`docs/troubleshooting.md has no heading "${heading}".`);
  return [...symptom.matchAll(/^```\w+\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);
}
