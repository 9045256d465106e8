// How soon a user who was created over HTTP can be read in the shop: from the 201 to the customer's 200, one user at a time, on
// real Kafka and Connect. Beside it, in the same run, what the bare parts take: an insert by the plain driver until a plain
// kafkajs consumer has it, from the insert's acknowledgement.
import { setTimeout as pause } from 'node:timers/promises';
import type { System } from '@foldline/system';
import type { StoredEvent } from 'foldline/engine';
import { Kafka, logLevel } from 'kafkajs';
import type { MongoClient } from 'mongodb';
import { createdEvent } from './events.ts';
import { percentile, type Result } from './report.ts';

const users = 200;
const warmUp = 20;
/** Between two users, so that each meets an idle system. */
const idleMs = 25;

export async function benchLatency(system: System, client: MongoClient): Promise<Result> {
  const bare = await bareLatencies(system, client);
  const whole: number[] = [];
  for (let n = 0; n < users + warmUp; n += 1) {
    const ms = await createAndRead(system);
    if (n >= warmUp) whole.push(ms);
    await pause(idleMs);
  }
  const p50 = percentile(whole, 0.5);
  const bareP50 = percentile(bare, 0.5);
  return {
    bench: `latency: ${users} users one after the other, idle, real Kafka and Connect`,
    figures: [
      { what: 'bare parts p50: insert acknowledged → kafkajs consumer', value: bareP50, unit: 'ms' },
      { what: 'bare parts p99', value: percentile(bare, 0.99), unit: 'ms' },
      { what: 'p50: 201 → customer readable in the shop', value: p50, unit: 'ms' },
      { what: 'p99', value: percentile(whole, 0.99), unit: 'ms' },
      { what: 'p50 / bare p50', value: p50 / bareP50, unit: '' },
    ],
    claims: [{ what: 'p50 from the 201 to the customer readable, ms', value: p50, aim: 'at most 60', met: p50 <= 60 }],
  };
}

async function createAndRead({ userService, shoppingService }: System): Promise<number> {
  const { id, data } = { id: createdEvent().subject.slice('user-'.length), data: createdEvent().data };
  const created = await fetch(`${userService.url}/users`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...data, id }),
  });
  if (created.status !== 201) throw new Error(`POST /users answered ${created.status}`);
  const at = performance.now();
  await created.arrayBuffer();
  const read = await fetch(`${shoppingService.url}/customers/${id}?minVersion=1`, { headers: { prefer: 'wait=30' } });
  if (read.status !== 200) throw new Error(`GET /customers/{id} answered ${read.status}`);
  await read.arrayBuffer();
  return performance.now() - at;
}

async function bareLatencies(system: System, client: MongoClient): Promise<number[]> {
  const kafka = new Kafka({ brokers: [system.ready.kafka ?? ''], logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `bench-${Date.now()}`, maxWaitTimeInMs: 5000 });
  const arrived = new Map<string, (at: number) => void>();
  await consumer.connect();
  await consumer.subscribe({ topics: ['user-events'], fromBeginning: false });
  const joined = new Promise<void>((resolve) => {
    consumer.on(consumer.events.GROUP_JOIN, () => resolve());
  });
  await consumer.run({
    eachMessage: async ({ message }) => arrived.get(message.key?.toString() ?? '')?.(performance.now()),
  });
  await joined;
  const events = client.db('users').collection<StoredEvent>('UserEvents');
  const latencies: number[] = [];
  try {
    for (let n = 0; n < users + warmUp; n += 1) {
      const event = createdEvent();
      const seen = new Promise<number>((resolve) => arrived.set(event.subject, resolve));
      await events.insertOne(event);
      const stored = performance.now();
      const ms = Math.max(0, (await withLimit(seen)) - stored);
      if (n >= warmUp) latencies.push(ms);
      await pause(idleMs);
    }
  } finally {
    await consumer.disconnect();
  }
  return latencies;
}

async function withLimit<T>(promise: Promise<T>): Promise<T> {
  const limit = new AbortController();
  const late = pause(30_000, undefined, { signal: limit.signal }).then(() => {
    throw new Error('an inserted event did not reach the topic within 30 s');
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    limit.abort();
  }
}
