// Goal: a large export, 30 % of whose people are there twice, killed twice in the middle, comes to the figures of a separate count; and
// memory does not grow with the number of events. Method: generated files of the size of the issue where full figures are asked for,
// SIGKILL from outside once so many events are stored, and the most memory that the process says it had.
import { pause } from 'foldline/running';
import { figure, testSeed } from 'foldline/testing/workspace';
import { type ImportWorld, lookEveryMs, openImportWorld } from '../testing/verb-runs.ts';
import type { Report } from './report.ts';
import { oracleFigures } from './testing/export-oracle.ts';
import { generateExport } from './testing/generated-export.ts';

jest.setTimeout(figure({ usual: 300_000, full: 3_600_000 }));

const people = figure({ usual: 1000, full: 20_000 });
const memoryBytesMax = 300 * 1024 * 1024;
const seed = testSeed();

let world: ImportWorld;
beforeEach(async () => {
  world = await openImportWorld();
});
afterEach(() => world.close());

async function argsFor(events: number) {
  const files = await generateExport(world.folder, { people, events }, seed);
  return { files, args: ['--people', files.people, '--events', files.events, '-o', 'json'] };
}

async function reportOf(args: readonly string[]): Promise<Report> {
  const { code, out, err } = await world.start(args).ended;
  if (code !== 0) throw new Error(`With seed ${seed} the import ended with ${code}: ${err}`);
  return JSON.parse(out);
}

async function killedAt(args: readonly string[], storedMin: number): Promise<void> {
  const { child, ended } = world.start(args);
  while ((await world.events.estimatedDocumentCount()) < storedMin) {
    expect(child.exitCode).toBeNull();
    await pause(lookEveryMs);
  }
  child.kill('SIGKILL');
  expect((await ended).code).toBe('SIGKILL');
}

test('killed twice in the middle, the figures are those of a separate count, and conservation is proved', async () => {
  const events = figure({ usual: 8_000, full: 200_000 });
  const { files, args } = await argsFor(events);
  await killedAt(args, events / 3);
  await killedAt(args, (events * 2) / 3);
  const report = await reportOf(args);
  const expected = oracleFigures(files.people, files.events, new Date(report.startedAt).getTime());
  expect([seed, report]).toMatchObject([seed, { ...expected, notMerged: {}, conservation: { holds: true } }]);
  expect(expected.merges).toBeGreaterThan(people / 4);
  const again = await reportOf(args);
  expect(again).toMatchObject({
    merges: 0,
    events: { stored: 0 },
    people: { stored: 0 },
    conservation: { holds: true },
  });
});

test('memory does not grow with the events', async () => {
  const { args } = await argsFor(figure({ usual: 20_000, full: 1_000_000 }));
  const report = await reportOf(args);
  expect(report.conservation.holds).toBe(true);
  expect(report.memoryBytesMax).toBeLessThan(memoryBytesMax);
});
