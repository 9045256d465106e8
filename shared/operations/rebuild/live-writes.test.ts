// Goal: what a backfill has for the live generation is written as the projection's other writers write: not while it is paused, not past
// what holds a subject, and what it brings past a hole is let go. Method: whole rebuilds on stores in memory.
import { documentOf } from '../../adapters/contract/documents-contract.ts';
import { inMemoryGeneration, inMemoryHeldSubjects, inMemoryModelStore } from '../../adapters/in-memory/index.ts';
import type { Held, StoredDocument } from '../../engine/index.ts';
import { createFeedGate } from '../../running/index.ts';
import { silentLogger, testClock } from '../../testing/index.ts';
import { createSnapshotIntake } from '../resync/snapshot-intake.ts';
import { openMembership } from './membership.ts';
import { createRebuilds, type Rebuilds } from './rebuilds.ts';
import { type BackfillSource, heldInLive } from './rebuilt-model.ts';

const limits = {
  leaseMs: 60_000,
  lookEveryMs: 5,
  switchoverWithinMs: 800,
  reportEveryMs: 0,
  findingsMax: 3,
  settleMs: 5,
  retry: { initialMs: 1, maxMs: 2 },
};
const turn = () => new Promise((resolve) => setTimeout(resolve, 2));

async function world(fill: (held: ReturnType<typeof inMemoryHeldSubjects>) => BackfillSource['backfill']) {
  const [store, held, gate] = [inMemoryModelStore(), inMemoryHeldSubjects(), createFeedGate()];
  const collections = Object.fromEntries(
    ['things', 'things_g2', 'things_g3'].map((name) => [name, new Map<string, StoredDocument>()]),
  );
  const nowMs = () => Date.now();
  let rebuilds: Rebuilds | undefined;
  const membership = await openMembership({
    id: 'p',
    models: ['things'],
    store,
    gate,
    nowMs,
    limits,
    log: silentLogger,
    taking: async (record) => rebuilds?.taking(record),
  });
  let count = 0;
  const made = createRebuilds({
    membership,
    store,
    gate,
    held,
    nowMs,
    limits,
    log: silentLogger,
    clock: { now: () => new Date() },
    ids: { next: () => `move-${++count}` },
    models: [
      {
        name: 'things',
        foldVersion: 1,
        sources: [{ name: 'store', unit: 'events', unusable: async () => undefined, backfill: fill(held) }],
        collection: (name) => inMemoryGeneration(collections[name]),
      },
    ],
  });
  rebuilds = made;
  const until = async (is: () => boolean) => {
    while (!is()) await turn();
  };
  const versions = (id: string, other = 'things_g2') =>
    ['things', other].map((name) => collections[name]?.get(id)?.version);
  return {
    gate,
    held,
    rebuilds: made,
    until,
    versions,
    put: (...documents: StoredDocument[]) => {
      for (const document of documents) collections.things?.set(document._id, document);
    },
    state: () => membership.record('things').other?.state,
    async close() {
      gate.close();
      await made.close();
      await membership.close();
    },
  };
}

const heldAt = (key: string, reason: Held['reason'], appliedVersion: number, seenVersion: number) => ({
  key,
  reason,
  appliedVersion,
  seenVersion,
  projection: 'things',
  detail: '',
  since: new Date(0),
});

/** A snapshot of each, taken in as the shop's fill does. */
const snapshotsOf =
  (...documents: ReturnType<typeof documentOf>[]) =>
  (held: ReturnType<typeof inMemoryHeldSubjects>): BackfillSource['backfill'] =>
  async (into) => {
    const asDocument = (value: unknown) => ({ document: value as (typeof documents)[number], names: [] });
    const ports = { documents: into, held: heldInLive(held), asDocument, clock: testClock(), log: silentLogger };
    const records = documents.map((value) => ({ position: value._id, subject: value._id, value }));
    await createSnapshotIntake(ports)(records);
  };

// The hazard: an operator paused the projection, and documents that readers see changed all the same.
test('while the projection is paused, nothing is brought up in the live generation', async () => {
  const made = await world(snapshotsOf(documentOf('a', 2)));
  made.put(documentOf('a', 1), documentOf('b', 1));
  const { open } = made.gate.shut('paused');
  await made.rebuilds.start('things');
  // What the new one lacked is there, and next comes what the live one lacks.
  await made.until(() => made.versions('b')[1] === 1);
  for (let i = 0; i < 10; i += 1) await turn();
  expect([made.versions('a'), made.state()]).toEqual([[1, 2], 'backfilling']);
  open();
  await made.until(() => made.state() === 'following');
  expect(made.versions('a')).toEqual([2, 2]);
  await made.close();
});

test('a backfill that waits for a resume ends when it is discarded, and the next one begins', async () => {
  const made = await world(snapshotsOf(documentOf('a', 2)));
  made.put(documentOf('a', 1), documentOf('b', 1));
  made.gate.shut('paused');
  await made.rebuilds.start('things');
  await made.until(() => made.versions('b')[1] === 1);
  await made.rebuilds.discard('things');
  expect(made.versions('a')).toEqual([1, undefined]);
  await made.rebuilds.start('things');
  await made.until(() => made.versions('b', 'things_g3')[1] === 1);
  expect(made.versions('a', 'things_g3')).toEqual([1, 2]);
  await made.close();
});

// The hazard: an event that this service cannot read holds its subject, and a rebuild from snapshots brought readers past it.
test('what is held in the live generation is held in the new one, and stays so', async () => {
  const made = await world(snapshotsOf(documentOf('a', 8), documentOf('b', 2)));
  made.put(documentOf('a', 4));
  await made.held.hold([heldAt('a', 'unknown-version', 4, 8)]);
  await made.rebuilds.start('things');
  await made.until(() => made.state() === 'following');
  expect([made.versions('a'), made.versions('b')]).toEqual([
    [4, 4],
    [2, 2],
  ]);
  expect(await made.held.count()).toBe(1);
  await made.close();
});

// The hazard: a document was brought past its hole, and its subject was listed as held for as long as nothing happened to it.
test('what a backfill brings past a hole is let go, and what is held behind it is not', async () => {
  const made = await world(snapshotsOf(documentOf('a', 8), documentOf('b', 8)));
  made.put(documentOf('a', 4), documentOf('b', 4));
  await made.held.hold([heldAt('a', 'hole', 4, 7), heldAt('b', 'hole', 4, 9)]);
  await made.rebuilds.start('things');
  await made.until(() => made.state() === 'following');
  expect([made.versions('a'), made.versions('b')]).toEqual([
    [8, 8],
    [8, 8],
  ]);
  expect([...(await made.held.among(['a', 'b'])).keys()]).toEqual(['b']);
  await made.close();
});
