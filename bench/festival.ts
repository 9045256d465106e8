// What one deletion of an event costs, from its command to the end of its removal, among 1,000 events with fifty teams each and
// among 20,000, by turns in one process; whether that process grows; and how large documents and indexes are.
// The example's own processor works here on a change stream, so that no broker takes turns on the cores.
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { MongoClient } from 'mongodb';
import { type BenchFestival, startBenchFestival } from './festival-parts.ts';
import { sizesOf } from './festival-sizes.ts';
import { percentile, type Result } from './report.ts';

const teamsOfEach = 50;
const wideTeams = 20_000;
const warmUp = 20;
const deletions = 200;

interface Cost {
  readonly ms: number;
  /** Index keys and documents that the server looked at. */
  readonly examined: number;
}

export async function benchFestival(client: MongoClient, uri: string): Promise<Result> {
  const wide = { events: 1, teamsOfEach: wideTeams };
  const few = await startBenchFestival(client, uri, 'bench_festival_few', { events: 1000, teamsOfEach });
  const many = await startBenchFestival(client, uri, 'bench_festival_many', { events: 20_000, teamsOfEach }, wide);
  const festivals = [few, many] as const;
  try {
    return await measure(client, festivals);
  } finally {
    for (const { close } of festivals) await close();
    for (const { db } of festivals) await db.dropDatabase();
  }
}

async function measure(client: MongoClient, [few, many]: readonly [BenchFestival, BenchFestival]): Promise<Result> {
  const costOf = async (festival: BenchFestival): Promise<Cost> => {
    const examinedBefore = await examined(client);
    const ms = await festival.deleteNext();
    return { ms, examined: (await examined(client)) - examinedBefore };
  };
  const byTurns = async (times: number) => {
    const costs = { few: [] as Cost[], many: [] as Cost[] };
    for (let n = 0; n < times; n += 1) {
      costs.few.push(await costOf(few));
      costs.many.push(await costOf(many));
    }
    return costs;
  };
  const wide = await costOf(many);
  await byTurns(warmUp);
  const before = await memoryMiB();
  const costs = await byTurns(deletions);
  const after = await memoryMiB();
  const sizes = await sizesOf(many.db);
  const ms = (costs: readonly Cost[], share: number) =>
    percentile(
      costs.map((cost) => cost.ms),
      share,
    );
  const looked = (costs: readonly Cost[]) =>
    percentile(
      costs.map((cost) => cost.examined),
      0.5,
    );
  const inTime = ms(costs.many, 0.5) / ms(costs.few, 0.5);
  const inLooks = looked(costs.many) / looked(costs.few);
  const growth = after.heap / before.heap;
  return {
    bench: `festival: ${deletions} deletions of an event with ${teamsOfEach} teams, by turns among 1,000 and 20,000 such events`,
    figures: [
      { what: 'one deletion among 1,000: p50', value: ms(costs.few, 0.5), unit: 'ms' },
      { what: 'one deletion among 1,000: p95', value: ms(costs.few, 0.95), unit: 'ms' },
      { what: 'one deletion among 20,000: p50', value: ms(costs.many, 0.5), unit: 'ms' },
      { what: 'one deletion among 20,000: p95', value: ms(costs.many, 0.95), unit: 'ms' },
      { what: 'keys and documents examined for one, among 1,000', value: looked(costs.few), unit: '' },
      { what: 'keys and documents examined for one, among 20,000', value: looked(costs.many), unit: '' },
      { what: `one event with ${wideTeams} teams`, value: (wideTeams * 1000) / wide.ms, unit: 'teams/s' },
      { what: 'heap before', value: before.heap, unit: 'MiB' },
      { what: `heap after ${deletions * 2} deletions`, value: after.heap, unit: 'MiB' },
      { what: 'resident memory then', value: after.resident, unit: 'MiB' },
      ...sizes,
    ],
    claims: [
      { what: 'time of one deletion, 20,000 / 1,000', value: inTime, aim: 'at most 1.25', met: inTime <= 1.25 },
      { what: 'examined for one deletion, 20,000 / 1,000', value: inLooks, aim: 'at most 1.05', met: inLooks <= 1.05 },
      { what: 'heap after all deletions / before', value: growth, aim: 'at most 1.1', met: growth <= 1.1 },
    ],
  };
}

async function examined(client: MongoClient): Promise<number> {
  const { metrics } = await client.db('admin').command({ serverStatus: 1 });
  return Number(metrics.queryExecutor.scanned) + Number(metrics.queryExecutor.scannedObjects);
}

/** What is left after collections, once sockets and timers have let go as well: else chance decides how much is counted. */
async function memoryMiB(): Promise<{ heap: number; resident: number }> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let n = 0; n < 4; n += 1) {
    collect();
    await pause(50);
  }
  const { heapUsed, rss } = process.memoryUsage();
  return { heap: heapUsed / 2 ** 20, resident: rss / 2 ** 20 };
}
