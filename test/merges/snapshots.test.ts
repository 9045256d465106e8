// Goal: a user's snapshot stands in place of the events up to its version: whichever version, merged, parted or deleted, the
// customer that goes on behind it is the one that folded everything. Method: the random programs of this folder; of each user a
// snapshot as the topic carries it, of a random version, then the events around and behind it, held against the plain fold.

import { customerProjection } from '@foldline/shopping-service/dist/src/customers/customer.js';
import { customerFromSnapshot } from '@foldline/shopping-service/dist/src/customers/customer-copy.js';
import { userProjection } from '@foldline/user-service/users';
import { createProjector, fold, readModel, type StoredEvent } from 'foldline/engine';
import { createSnapshotIntake } from 'foldline/operations';
import { inMemoryDocuments, inMemoryHeldSubjects, type SeededRandom, silentLogger } from 'foldline/testing';
import { figure, testSeed } from 'foldline/testing/workspace';
import { caseOf } from './hold.ts';
import { openWorld } from './play.ts';

const runs = figure({ usual: 100, full: 20_000 });
const seed = testSeed();
const clock = { now: () => new Date(0) };

test(`what goes on behind a snapshot is what folded everything, in ${runs} programs (seed ${seed})`, async () => {
  const met = { merged: 0, parted: 0, deleted: 0, early: 0 };
  for (let run = 0; run < runs; run += 1) {
    const { program, random } = caseOf(seed + run);
    const world = openWorld(program, random);
    for (const turn of program.turns)
      if (turn.kind === 'commands') await Promise.all(turn.commands.map((one) => world.outcomeOf(one)));
    await world.deliverAll();

    const customers = inMemoryDocuments();
    const ports = { held: inMemoryHeldSubjects(), clock, log: silentLogger };
    const intake = createSnapshotIntake({ ...ports, documents: customers, asDocument: customerFromSnapshot });
    const projector = createProjector({ ...ports, models: [readModel(customerProjection, customers)] });
    const stored = await world.events();
    for (const subject of world.subjects) {
      const events = stored.filter((event) => event.subject === subject);
      const { record, version } = snapshotOf(events, random, met);
      await intake(record ? [record] : []);
      // From a place before or right behind it; what lies before its version is a repeat.
      const from = record ? random.below(version + 1) : 0;
      await projector.apply(events.slice(from).map((event) => ({ source: 'user-events', position: '', event })));
    }
    expect(await ports.held.count()).toBe(0);
    expect(await customers.read(world.subjects)).toEqual(await world.customers.read(world.subjects));
  }
  // Of each kind some: the rarest comes about fifteen times in a hundred programs.
  for (const count of Object.values(met)) expect(count).toBeGreaterThan(runs / 100);
}, 3_600_000);

/** As the connector carries it: JSON, and only what exists. */
function snapshotOf(events: readonly StoredEvent[], random: SeededRandom, met: Record<string, number>) {
  const version = random.below(events.length) + 1;
  const { document } = fold(userProjection, undefined, events.slice(0, version));
  if (!document || document.state === 'absent') return { record: undefined, version };
  const hasParted = events.slice(0, version).some(({ type }) => type === 'mergeRetracted_v1');
  if (document.mergedInto) met.merged = (met.merged ?? 0) + 1;
  else if (hasParted) met.parted = (met.parted ?? 0) + 1;
  if (document.state === 'deleted') met.deleted = (met.deleted ?? 0) + 1;
  if (version < events.length) met.early = (met.early ?? 0) + 1;
  const value: unknown = JSON.parse(JSON.stringify({ ...document, somethingNew: true }));
  return { record: { position: '', subject: document._id, value }, version };
}

test('what is no snapshot of a user is refused, and shows none of its values', () => {
  const faults = [undefined, 1, {}, { _id: 'user-1', version: 0, data: { email: 'ada@example.org' } }].map(
    customerFromSnapshot,
  );
  for (const fault of faults) {
    expect(fault).toMatchObject({ fault: expect.stringContaining('userSnapshot_v1') });
    expect(JSON.stringify(fault)).not.toContain('ada@');
  }
});
