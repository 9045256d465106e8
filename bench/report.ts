// What a bench prints: figures and ratios of one run, as a table to read and as JSON to keep.
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';

export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
}

export interface Result {
  readonly bench: string;
  readonly figures: readonly Figure[];
  /** What is claimed of this run; `met` is false when the figure missed its aim. */
  readonly claims: readonly {
    readonly what: string;
    readonly value: number;
    readonly aim: string;
    readonly met: boolean;
  }[];
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function round(value: number): number {
  return value >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}

export function print(result: Result): void {
  console.log(`\n${result.bench}`);
  for (const { what, value, unit } of result.figures)
    console.log(`  ${what.padEnd(64)} ${String(round(value)).padStart(9)} ${unit}`);
  for (const { what, value, aim, met } of result.claims)
    console.log(`  ${met ? 'met ' : 'MISSED'} ${what}: ${round(value)} (aim ${aim})`);
}

interface Kept extends Result {
  readonly machine: { readonly cores: number; readonly memoryGiB: number; readonly node: string };
}

/** Written beside the benches, so that figures of different days can be compared. Those of benches that did not run now stay. */
export async function keep(results: readonly Result[], folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'latest.json');
  const machine = { cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30), node: process.version };
  const ran = new Set(results.map(nameOf));
  const others = (await keptIn(file)).filter((one) => !ran.has(nameOf(one)));
  const all = [...others, ...results.map((result) => ({ ...result, machine }))];
  all.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  await writeFile(file, `${JSON.stringify({ results: all }, null, 2)}\n`);
  return file;
}

/** A result begins with the name of its bench. */
function nameOf({ bench }: Pick<Result, 'bench'>): string {
  return bench.slice(0, bench.indexOf(':'));
}

async function keptIn(file: string): Promise<readonly Kept[]> {
  if (!existsSync(file)) return [];
  return (JSON.parse(await readFile(file, 'utf8')) as { results: Kept[] }).results;
}
