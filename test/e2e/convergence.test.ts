// Goal: whatever the order in which events come, and whoever folds them, the shop's documents are the same, byte for byte.
// Method: one system folds a random world, then trades partitions between two consumers under load; all its events are then
// stored in another order in a second system, started after the first has ended. Each is compared with an independent fold.
import { seededRandom } from 'foldline/testing';
import { figure, testSeed } from 'foldline/testing/workspace';
import { carryOutWork } from './support/clients.ts';
import { openConsumerGroup } from './support/consumer-group.ts';
import { eventsOf, insertEvents } from './support/event-inserts.ts';
import { loadOf } from './support/load.ts';
import { movePartitions } from './support/moving-partitions.ts';
import type { Kind } from './support/oracle-bodies.ts';
import { waitForPositions } from './support/positions.ts';
import { expectSameDocuments } from './support/same-documents.ts';
import type { EventDocument } from './support/stored-events.ts';
import {
  type SubjectDocument,
  startLimitMs,
  startTestSystem,
  stopLimitMs,
  type TestSystem,
} from './support/test-system.ts';
import { watchVersions } from './support/version-watch.ts';
import { expectBodiesAsStored, expectDocumentsAsStored, kinds } from './support/whole-system.ts';
import { workloadOf } from './support/workload.ts';
import { interleaved, shuffled, worldOf } from './support/world.ts';

const seed = testSeed();
const random = seededRandom(seed);
/** Half of them by a kill, half by a clean stop; each one moves partitions twice. */
const comings = figure({ usual: 2, full: 10 });
const stopAndStartMs = startLimitMs + stopLimitMs;
/** The shortest session that the broker grants: how long it waits for a consumer that was killed. */
const env = { KAFKA_SESSION_TIMEOUT_MS: '6000', KAFKA_HEARTBEAT_EVERY_MS: '300' };

let system: TestSystem | undefined;

beforeAll(async () => {
  system = await startTestSystem({ kafka: true, env });
}, startLimitMs);

afterAll(async () => {
  await system?.close();
}, stopLimitMs);

test(`a random world, by the API and around it, ends in the documents of the independent fold (seed ${seed})`, async () => {
  const one = running();
  const { tasks, latecomers } = workloadOf({ users: 60, categories: 10, items: 40, orders: 30 }, random);
  const around = interleaved(worldOf({ users: 60, categories: 15, items: 100, orders: 60 }, random), random);
  await Promise.all([
    carryOutWork({ urls: one.ready, tasks, clients: 4, disturbances: [], heldBack: latecomers }),
    insertEvents(one, around),
  ]);
  await waitForPositions(one, 60_000);
  const oracle = await expectDocumentsAsStored(one);
  expect(typesIn(oracle.events)).toEqual(everyType);
  await expectBodiesAsStored(one, oracle, 15);
}, 120_000);

test(`two consumers in one group, partitions moved ${2 * comings} times under load: the same documents, none ever goes back`, async () => {
  const one = running();
  const group = await openConsumerGroup(one.ready.kafka as string, 'shopping-service');
  const size = { users: 150, categories: 30, items: 250, orders: 150 };
  const load = loadOf(one, { size, random, eventsAtOnce: 4, everyMs: 50 });
  const watch = watchVersions(one, one.ready.shoppingService, load.subjects.slice(0, 40));
  const signals = Array.from({ length: comings }, (_, i) => (i % 2 === 0 ? 'SIGKILL' : 'SIGTERM'));
  let moving = true;
  try {
    const moves = movePartitions(one, group, signals, env).finally(() => {
      moving = false;
    });
    const [{ times, ends }] = await Promise.all([moves, load.runUntil('the moves', 240_000, () => !moving)]);
    await load.finish();
    // Each time it came and each time it went; a clean stop ends with code 0.
    expect({ times, ends }).toEqual({ times: 2 * comings, ends: signals.map((one) => (one === 'SIGTERM' ? 0 : one)) });
    await waitForPositions(one, 60_000);
    await expectDocumentsAsStored(one);
  } finally {
    await watch.stop();
    await group.close();
  }
  expect(watch.notes.faults()).toEqual([]);
  expect(watch.notes.rises()).toBeGreaterThan(40);
}, 330_000);

test(
  'a second system, the same events stored in another order: the same documents, byte for byte',
  async () => {
    const one = running();
    const events = await eventsOf(one);
    const documents = await Promise.all(kinds.map((kind) => documentsOf(one, kind)));
    await one.close();
    system = undefined;

    const two = await startTestSystem({ kafka: true, env });
    system = two;
    await insertEvents(two, inAnotherOrder(events));
    await waitForPositions(two, 120_000);
    for (const [i, kind] of kinds.entries())
      expectSameDocuments(kind, [...(await documentsOf(two, kind)).values()], documents[i] as Documents);
    await expectDocumentsAsStored(two);
  },
  stopAndStartMs + 240_000,
);

type Documents = Map<string, SubjectDocument>;

const everyType = [
  'categoryCreated_v1',
  'categoryRemoved_v1',
  'categoryTitleChanged_v1',
  'itemAdded_v1',
  'itemMovedToCategory_v1',
  'itemPriceChanged_v1',
  'itemRemoved_v1',
  'itemTitleChanged_v1',
  'orderPlaced_v1',
  'userCreated_v1',
  'userCreated_v2',
  'userDeleted_v1',
  'userEmailChanged_v1',
  'userFirstNameChanged_v1',
  'userLastNameChanged_v1',
];

function typesIn(list: readonly EventDocument[]): string[] {
  return [...new Set(list.map(({ type }) => type))].sort();
}

/** Between subjects at random; of a tenth of the subjects the own events too, so that later ones come first. */
function inAnotherOrder(list: readonly EventDocument[]): EventDocument[] {
  const lives = new Map<string, EventDocument[]>();
  for (const event of list) lives.set(event.subject, [...(lives.get(event.subject) ?? []), event]);
  const mixed = [...lives.values()].map((life) => (random.below(10) === 0 ? shuffled(life, random) : life));
  return interleaved(mixed, random);
}

async function documentsOf({ shopping }: TestSystem, kind: Kind): Promise<Documents> {
  const found = await shopping.collection<SubjectDocument>(kind).find().toArray();
  return new Map(found.map((document) => [document._id, document]));
}

/** @throws Error when a test before has ended it, or it did not start */
function running(): TestSystem {
  if (system === undefined) throw new Error('no system runs: it did not start, or an earlier test ended it');
  return system;
}
