// Goal: the figures that are kept are the latest of each bench. Method: two runs of different benches into one folder.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keep, type Result } from './report.ts';

const result = (bench: string, value: number): Result => ({
  bench,
  figures: [{ what: 'speed', value, unit: 'events/s' }],
  claims: [],
});

test('a run of one bench replaces its own figures, and loses none of another', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'foldline-bench-'));
  await keep([result('one: 5 events', 1), result('other: 5 events', 2)], folder);
  const file = await keep([result('one: 7 events', 3)], folder);
  const { results } = JSON.parse(await readFile(file, 'utf8')) as { results: object[] };
  await rm(folder, { recursive: true });
  expect(results).toEqual([
    { ...result('one: 7 events', 3), machine: expect.objectContaining({ node: process.version }) },
    { ...result('other: 5 events', 2), machine: expect.objectContaining({ node: process.version }) },
  ]);
});
