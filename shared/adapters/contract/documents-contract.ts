// What every collection of documents must do: a put wins only over a lower version, a placeholder only over nothing.
import { randomUUID } from 'node:crypto';
import type { Documents, ProjectedDocument } from '../../engine/index.ts';
import { newThing } from './things.ts';

export function documentOf(_id: string, version: number, more: Partial<ProjectedDocument> = {}): ProjectedDocument {
  return {
    _id,
    version,
    state: 'active',
    createdAt: new Date(1000),
    time: new Date(version * 1000),
    data: { text: `at ${version}`, list: [{ n: 1 }] },
    lastEventId: randomUUID(),
    eventsDigest: 'd',
    foldVersion: 1,
    ...more,
  };
}

export function documentsContract(name: string, open: () => Promise<Documents>): void {
  describe(`documents: ${name}`, () => {
    let documents: Documents;
    beforeAll(async () => {
      documents = await open();
    });
    const one = async (id: string) => (await documents.read([id])).get(id);

    test('what was put is read back, by id, and what is not there is left out', async () => {
      const [a, b] = [documentOf(newThing(), 1), documentOf(newThing(), 7)];
      await documents.write([{ put: a }, { put: b }]);
      expect(await documents.read([b._id, newThing(), a._id])).toEqual(
        new Map([
          [a._id, a],
          [b._id, b],
        ]),
      );
      expect(await documents.read([])).toEqual(new Map());
    });

    test('the references of a document are read back as they were put, in their order, and go with the next put', async () => {
      const id = newThing();
      const reference = (field: string) => ({ field, target: newThing(), since: new Date(1234), sinceVersion: 1 });
      const references = [reference('a'), reference('lines.b'), reference('lines.b')];
      const put = documentOf(id, 1, { references });
      await documents.write([{ put }]);
      expect(await one(id)).toEqual(put);
      await documents.write([{ put: documentOf(id, 2, { references: [] }) }]);
      expect(await one(id)).toMatchObject({ version: 2, references: [] });
    });

    test('a higher version wins, also one that jumps; a lower and an equal one have no effect', async () => {
      const id = newThing();
      const fifth = documentOf(id, 5);
      for (const put of [documentOf(id, 1), fifth, documentOf(id, 4), documentOf(id, 5)])
        await documents.write([{ put }]);
      expect(await one(id)).toEqual(fifth);
    });

    test('a stale put does not keep the others of its batch from being written', async () => {
      const [stale, fresh, other] = [newThing(), newThing(), newThing()];
      await documents.write([{ put: documentOf(stale, 3) }, { put: documentOf(other, 3) }]);
      await documents.write([
        { put: documentOf(stale, 2) },
        { put: documentOf(fresh, 1) },
        { put: documentOf(other, 4) },
      ]);
      expect([(await one(stale))?.version, (await one(fresh))?.version, (await one(other))?.version]).toEqual([
        3, 1, 4,
      ]);
    });

    // The hazard: while a subject is folded again in parts, readers see a lower version than before.
    test('a document of a newer fold replaces an older one at its version, never at a lower one', async () => {
      const id = newThing();
      const old = documentOf(id, 5);
      await documents.write([{ put: old }]);
      await documents.write([{ put: documentOf(id, 3, { foldVersion: 2 }) }]);
      expect(await one(id)).toEqual(old);
      const refolded = documentOf(id, 5, { foldVersion: 2 });
      await documents.write([{ put: refolded }]);
      await documents.write([{ put: documentOf(id, 5, { foldVersion: 1 }) }]);
      expect(await one(id)).toEqual(refolded);
    });

    test('a placeholder wins over nothing, is filled in, and never comes back', async () => {
      const id = newThing();
      await documents.write([{ placeholder: id }]);
      await documents.write([{ placeholder: id }]);
      expect(await one(id)).toEqual({ _id: id, version: 0, state: 'notYetAvailable' });
      const filled = documentOf(id, 1);
      await documents.write([{ put: filled }]);
      await documents.write([{ placeholder: id }]);
      expect(await one(id)).toEqual(filled);
    });

    test('many writers of one document: the highest version stays', async () => {
      const id = newThing();
      const versions = Array.from({ length: 30 }, (_, i) => ((i * 7) % 30) + 1);
      await Promise.all(versions.map((version) => documents.write([{ put: documentOf(id, version) }])));
      expect((await one(id))?.version).toBe(30);
    });

    test('two writers of a document that is not there yet: the higher version stays, however close they are', async () => {
      const ids = Array.from({ length: 300 }, newThing);
      const put = (version: number) => (id: string) => documents.write([{ put: documentOf(id, version) }]);
      const placeholder = (id: string) => documents.write([{ placeholder: id }]);
      await Promise.all(ids.flatMap((id, i) => [i % 2 ? put(1)(id) : placeholder(id), put(2)(id)]));
      const stored = await documents.read(ids);
      expect(ids.filter((id) => stored.get(id)?.version !== 2)).toEqual([]);
    });

    // The hazard: one batch of orders may name more things than one command of the database can carry.
    test('many hundred thousand documents are asked for at once', async () => {
      const there = documentOf(newThing(), 1);
      await documents.write([{ put: there }]);
      const ids = Array.from(
        { length: 350_000 },
        (_, n) => `thing-018f0000-0000-7000-8000-${String(n).padStart(12, '0')}`,
      );
      expect([...(await documents.read([...ids, there._id])).keys()]).toEqual([there._id]);
    });

    test('nothing to write has no effect', async () => {
      await expect(documents.write([])).resolves.toBeUndefined();
    });

    test('what was read is the reader’s own', async () => {
      const id = newThing();
      await documents.write([{ put: documentOf(id, 1) }]);
      ((await one(id)) as { data: { text: string } }).data.text = 'changed';
      expect(((await one(id)) as { data: { text: string } }).data.text).toBe('at 1');
    });
  });
}
