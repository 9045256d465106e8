// Goal: whoever writes documents writes to both generations, and a process that ends between the two leaves nothing behind that a
// repeat would not bring up. Method: the contract of documents, and the real projector with a crash between the two writes.
import { documentOf, documentsContract } from '../../adapters/contract/documents-contract.ts';
import { newThing } from '../../adapters/contract/things.ts';
import { inMemoryDocuments, inMemoryHeldSubjects } from '../../adapters/in-memory/index.ts';
import { eventsOf, newSubject, silentLogger, testClock } from '../../testing/index.ts';
import { thingProjection } from '../../testing/thing.ts';
import type { Documents } from '../ports.ts';
import { createProjector } from '../projector.ts';
import { generationDocuments } from './generation-documents.ts';
import { firstRecord, type ModelRecord } from './model-record.ts';

const other = { name: 'things_g2', state: 'filling', since: new Date(0), former: false } as const;

function world() {
  const stores: Record<string, Documents> = { things: inMemoryDocuments(), things_g2: inMemoryDocuments() };
  const now: { record: ModelRecord; failing?: string; stale?: Error } = { record: { ...firstRecord('things'), other } };
  const documents = generationDocuments({
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
  return {
    now,
    documents,
    versions: (id: string) => Promise.all(['things', 'things_g2'].map((name) => versionIn(name, id))),
  };
}

documentsContract('of two generations', async () => world().documents);

test('both are written, the live one is read', async () => {
  const { now, documents, versions } = world();
  const id = newThing();
  await documents.write([{ put: documentOf(id, 1) }]);
  expect(await versions(id)).toEqual([1, 1]);
  now.record = { ...now.record, other: undefined };
  await documents.write([{ put: documentOf(id, 2) }]);
  expect(await versions(id)).toEqual([2, 1]);
  expect((await documents.read([id])).get(id)?.version).toBe(2);
  now.record = { ...now.record, live: 'things_g2' };
  expect((await documents.read([id])).get(id)?.version).toBe(1);
});

// The hazard: were the live one written first, the repeat would find nothing to do, and the other stayed behind for ever.
test('a crash between the two is made good by the repeat, and until then the other one is ahead, never behind', async () => {
  const { now, documents, versions } = world();
  const model = { projection: thingProjection, documents };
  const { apply } = createProjector({
    ...{ models: [model], held: inMemoryHeldSubjects(), clock: testClock(), log: silentLogger },
  });
  const subject = newSubject('thing');
  const items = eventsOf(subject, [{ type: 'thingNamed_v2', data: { name: 'a' } }]).map((event) => ({
    ...{ source: 'events', position: '', event },
  }));
  now.failing = 'things';
  await expect(apply(items)).rejects.toThrow('things cannot be written');
  expect(await versions(subject)).toEqual([undefined, 1]);
  delete now.failing;
  expect(await apply(items)).toMatchObject({ applied: 1 });
  expect(await versions(subject)).toEqual([1, 1]);
});

test('a process that may not rely on what it knows writes to neither', async () => {
  const { now, documents, versions } = world();
  const id = newThing();
  now.stale = new Error('look again');
  await expect(documents.write([{ put: documentOf(id, 1) }])).rejects.toThrow('look again');
  expect(await versions(id)).toEqual([undefined, undefined]);
});
