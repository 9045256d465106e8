// Appends by 64 callers at once: the event store with its group commit, against the driver's `insertOne` of the same documents
// into a collection with the same indexes, validator and durability. Each caller sends its next event after the last one's answer.
import { storeLimits } from 'foldline/config';
import type { StoredEvent } from 'foldline/engine';
import { ensureEventCollection, openMongoEventStore } from 'foldline/mongodb';
import type { MongoClient } from 'mongodb';
import { benchSettings } from './config.ts';
import { createdEvent } from './events.ts';
import { percentile, type Result } from './report.ts';

const callers = 64;
const eventsOfEach = 250;

export async function benchAppend(client: MongoClient): Promise<Result> {
  const db = client.db('bench_append');
  const store = await openMongoEventStore({
    client,
    db,
    collection: 'Grouped',
    claimRules: [],
    limits: storeLimits(benchSettings()),
  });
  const plain = await ensureEventCollection(db, 'Plain');
  const insertOne = async (event: StoredEvent) => {
    await plain.insertOne({ ...event });
  };
  const append = async (event: StoredEvent) => {
    const result = await store.append([event]);
    if (result.kind !== 'stored') throw new Error(`not stored: ${result.kind}`);
  };
  // Both once unmeasured, so that neither pays for connections and compilation; then alternately, and the medians count.
  await load(insertOne, 20);
  await load(append, 20);
  const runs = { plain: [] as Load[], grouped: [] as Load[] };
  for (let round = 0; round < 3; round += 1) {
    runs.plain.push(await load(insertOne, eventsOfEach));
    runs.grouped.push(await load(append, eventsOfEach));
  }
  const plainRate = percentile(
    runs.plain.map((run) => run.perSecond),
    0.5,
  );
  const groupedRate = percentile(
    runs.grouped.map((run) => run.perSecond),
    0.5,
  );
  const latencies = (of: readonly Load[]) => of.flatMap((run) => run.latenciesMs);
  await db.dropDatabase();
  const ratio = groupedRate / plainRate;
  return {
    bench: `append: ${callers} callers, ${callers * eventsOfEach} events a round, median of 3 rounds`,
    figures: [
      { what: 'insertOne', value: plainRate, unit: 'events/s' },
      { what: 'insertOne p50', value: percentile(latencies(runs.plain), 0.5), unit: 'ms' },
      { what: 'insertOne p99', value: percentile(latencies(runs.plain), 0.99), unit: 'ms' },
      { what: 'event store', value: groupedRate, unit: 'events/s' },
      { what: 'event store p50', value: percentile(latencies(runs.grouped), 0.5), unit: 'ms' },
      { what: 'event store p99', value: percentile(latencies(runs.grouped), 0.99), unit: 'ms' },
    ],
    claims: [{ what: 'event store / insertOne, events/s', value: ratio, aim: 'at least 2', met: ratio >= 2 }],
  };
}

interface Load {
  readonly perSecond: number;
  readonly latenciesMs: number[];
}

async function load(write: (event: StoredEvent) => Promise<void>, each: number): Promise<Load> {
  const latenciesMs: number[] = [];
  const begun = performance.now();
  const caller = async () => {
    for (let n = 0; n < each; n += 1) {
      const event = createdEvent();
      const sent = performance.now();
      await write(event);
      latenciesMs.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return { perSecond: (callers * each * 1000) / (performance.now() - begun), latenciesMs };
}
