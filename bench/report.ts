// What a bench prints: figures and ratios of one run, as a table to read and as JSON to keep.
import { mkdir, writeFile } from 'node:fs/promises';
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

/** Written beside the benches, so that figures of different days can be compared. */
export async function keep(results: readonly Result[], folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'latest.json');
  const machine = { cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30), node: process.version };
  await writeFile(file, `${JSON.stringify({ machine, results }, null, 2)}\n`);
  return file;
}
