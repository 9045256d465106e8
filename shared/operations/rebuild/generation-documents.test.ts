// Goal: whoever writes documents writes to both generations, and a process that ends between the two leaves nothing behind that a
// repeat would not bring up, wherever the pointer was moved meanwhile. Method: the contract of documents, and the real projector
// with a crash between the two writes.
import { documentOf, documentsContract } from '../../adapters/contract/documents-contract.ts';
import { newThing } from '../../adapters/contract/things.ts';
import { inMemoryDocuments, inMemoryHeldSubjects } from '../../adapters/in-memory/index.ts';
import { createProjector, type Documents } from '../../engine/index.ts';
import { eventsOf, newSubject, silentLogger, testClock } from '../../testing/index.ts';
import { thingProjection } from '../../testing/workspace/thing.ts';
import { generationDocuments } from './generation-documents.ts';
import { firstRecord, type ModelRecord, rolledBack, switched } from './model-record.ts';

const other = { name: 'things_g2', state: 'following', since: new Date(0), former: false } as const;

function world() {
  const stores: Record<string, Documents> = { things: inMemoryDocuments(), things_g2: inMemoryDocuments() };
  const now: { record: ModelRecord; failing?: string; stale?: Error } = { record: { ...firstRecord('things'), other } };
  const { shown, written } = generationDocuments({
    record: () => now.record,
    documentsOf: (name) => ({
      read: (ids) => (stores[name] as Documents).read(ids),
      async write(writes) {
        if (now.failing === name) throw new Error(`${name} cannot be written`);
        await (stores[name] as Documents).write(writes);
      },
    }),
    assertFresh() {
      if (now.stale) throw now.stale;
    },
  });
  const versionIn = async (name: string, id: string) => (await stores[name]?.read([id]))?.get(id)?.version;
  const model = { projection: thingProjection, documents: written };
  const projector = createProjector({
    models: [model],
    held: inMemoryHeldSubjects(),
    clock: testClock(),
    log: silentLogger,
  });
  return {
    now,
    shown,
    written,
    apply: projector.apply,
    versions: (id: string) => Promise.all(['things', 'things_g2'].map((name) => versionIn(name, id))),
  };
}

documentsContract('of two generations, as they are shown', async () => world().shown);
documentsContract('of two generations, as they are written', async () => world().written);

const named = (subject: string, ...names: string[]) =>
  eventsOf(
    subject,
    names.map((name) => ({ type: 'thingNamed_v2', data: { name } })),
  ).map((event) => ({ source: 'events', position: '', event }));

test('both are written, the live one is read', async () => {
  const { now, shown, versions } = world();
  const id = newThing();
  await shown.write([{ put: documentOf(id, 1) }]);
  expect(await versions(id)).toEqual([1, 1]);
  now.record = { ...now.record, other: undefined };
  await shown.write([{ put: documentOf(id, 2) }]);
  expect(await versions(id)).toEqual([2, 1]);
  expect((await shown.read([id])).get(id)?.version).toBe(2);
  now.record = { ...now.record, live: 'things_g2' };
  expect((await shown.read([id])).get(id)?.version).toBe(1);
});

// The hazard: were the live one written first, the repeat would find nothing to do, and the other stayed behind for ever.
test('a crash between the two is made good by the repeat, and until then the other one is ahead, never behind', async () => {
  const { now, apply, versions } = world();
  const subject = newSubject('thing');
  const items = named(subject, 'a');
  now.failing = 'things';
  await expect(apply(items)).rejects.toThrow('things cannot be written');
  expect(await versions(subject)).toEqual([undefined, 1]);
  delete now.failing;
  expect(await apply(items)).toMatchObject({ applied: 1 });
  expect(await versions(subject)).toEqual([1, 1]);
});

test('a process that may not rely on what it knows writes to neither', async () => {
  const { now, shown, versions } = world();
  const id = newThing();
  now.stale = new Error('look again');
  await expect(shown.write([{ put: documentOf(id, 1) }])).rejects.toThrow('look again');
  expect(await versions(id)).toEqual([undefined, undefined]);
});

// The hazard: the repeat read only the generation that had the event already, wrote nothing, and the way back lost it.
test.each([
  ['switch', { ...firstRecord('things'), other }],
  ['rollback', { ...firstRecord('things'), other: { ...other, former: true } }],
] as const)(
  'a batch that was half-written before a %s reaches the generation that was left behind',
  async (_, record) => {
    const { now, apply, shown, versions } = world();
    const subject = newSubject('thing');
    const items = named(subject, 'a', 'b');
    await apply(items.slice(0, 1));
    now.record = record;
    now.failing = 'things';
    await expect(apply(items)).rejects.toThrow('things cannot be written');
    expect(await versions(subject)).toEqual([1, 2]);
    delete now.failing;
    const moved = record.other.former ? rolledBack(record, new Date(0)) : switched(record, new Date(0));
    now.record = { ...record, ...moved };
    expect((await shown.read([subject])).get(subject)?.version).toBe(2);
    await apply(items);
    expect(await versions(subject)).toEqual([2, 2]);
    // And the way back is one without a loss.
    const back = record.other.former ? switched(now.record, new Date(0)) : rolledBack(now.record, new Date(0));
    now.record = { ...now.record, ...back };
    expect((await shown.read([subject])).get(subject)?.version).toBe(2);
    expect(await apply(items)).toMatchObject({ applied: 0 });
  },
);

test('a placeholder that only one of them has is written again', async () => {
  const { now, shown, written, versions } = world();
  const id = newThing();
  now.failing = 'things';
  await expect(written.write([{ placeholder: id }])).rejects.toThrow('things cannot be written');
  delete now.failing;
  now.record = { ...now.record, ...switched(now.record, new Date(0)) };
  expect([(await shown.read([id])).has(id), (await written.read([id])).has(id)]).toEqual([true, false]);
  await written.write([{ placeholder: id }]);
  expect(await versions(id)).toEqual([0, 0]);
});

// The hazard: what the backfill has not come to yet would look like a hole, and hold every subject that something happens to.
test('while the other one is being filled, a writer goes on from the live one', async () => {
  const { now, apply, versions } = world();
  const subject = newSubject('thing');
  const items = named(subject, 'a', 'b');
  now.record = firstRecord('things');
  await apply(items.slice(0, 1));
  now.record = { ...firstRecord('things'), other: { ...other, state: 'backfilling' } };
  expect(await apply(items.slice(1))).toMatchObject({ applied: 1, held: [] });
  expect(await versions(subject)).toEqual([2, 2]);
});
