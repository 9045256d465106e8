// What the copies of a model must do as one side of a verification: say what they hold, in buckets and one by one, and let a document be
// put back only where nothing came between.

import type { Documents, ProjectedDocument, StoredDocument } from '../../engine/index.ts';
import {
  bucketDigestsOf,
  bucketOf,
  type Copies,
  type DigestEntry,
  entryOf,
  type Scan,
  wholeForm,
} from '../../operations/ports.ts';
import { documentOf } from './documents-contract.ts';
import { newThing } from './things.ts';

export interface OpenCopies {
  /** Of documents of fold 1, in their whole form. */
  readonly copies: Copies;
  readonly documents: Documents;
  /** As a hand would write it, in place of what is there. */
  putByHand(document: StoredDocument): Promise<void>;
}

export function copiesContract(name: string, open: () => Promise<OpenCopies>): void {
  describe(`copies: ${name}`, () => {
    let it: OpenCopies;
    beforeEach(async () => {
      it = await open();
    });
    const scan: Scan = { signal: new AbortController().signal };
    const one = async (id: string) => (await it.documents.read([id])).get(id) as ProjectedDocument | undefined;
    const put = (...documents: ProjectedDocument[]) => it.documents.write(documents.map((put) => ({ put })));
    const entry = (document: ProjectedDocument): DigestEntry => entryOf(wholeForm, document);
    const many = (count: number) => Array.from({ length: count }, (_, i) => documentOf(newThing(), i + 1));
    const inOrder = (entries: readonly DigestEntry[]) => [...entries].sort((a, b) => (a.subject < b.subject ? -1 : 1));

    test('the digests are those of what the buckets hold, and a part of the buckets is their part of the entries', async () => {
      const documents = many(60);
      await put(...documents);
      const { ofOtherFolds, ...digests } = await it.copies.digests(3, scan);
      expect([digests, ofOtherFolds]).toEqual([bucketDigestsOf(3, documents.map(entry)), 0]);
      const wanted = [1, 6];
      const found = await it.copies.entries(3, wanted, scan);
      const there = documents.map(entry).filter(({ subject }) => wanted.includes(bucketOf(subject, 3)));
      expect(inOrder(found)).toEqual(inOrder(there));
      expect(await it.copies.entries(3, [], scan)).toEqual([]);
      expect(await it.copies.estimate()).toBe(60);
    });

    test('placeholders are no copies; what a hand left without its fields is one', async () => {
      await it.documents.write([{ placeholder: newThing() }]);
      const bare = { _id: newThing(), state: 'active', foldVersion: 1 } as unknown as ProjectedDocument;
      await it.putByHand(bare);
      const found = await it.copies.entries(0, [0], scan);
      expect(found).toEqual([{ ...entry(bare), version: 0, eventsDigest: '' }]);
      expect((await it.copies.digests(0, scan)).documents).toBe(1);
    });

    test('what another fold wrote is told from the rest, and counted', async () => {
      const [mine, other] = [documentOf(newThing(), 1), documentOf(newThing(), 1, { foldVersion: 2 })];
      await put(mine, other);
      expect((await it.copies.digests(2, scan)).ofOtherFolds).toBe(1);
      const found = await it.copies.entries(0, [0], scan);
      expect(inOrder(found)).toEqual(inOrder([entry(mine), { ...entry(other), otherFold: true }]));
    });

    test('one that is as it was found is replaced, also by a lower version', async () => {
      const wrong = documentOf(newThing(), 9);
      const right = documentOf(wrong._id, 3);
      await it.putByHand(wrong);
      expect(await it.copies.replace((await one(wrong._id)) as ProjectedDocument, right)).toBe(true);
      expect(await one(wrong._id)).toEqual(right);
      expect(await it.copies.replace(wrong, right)).toBe(false);
    });

    test('hazard: a live event, or a hand, that came between is not undone', async () => {
      const found = documentOf(newThing(), 2);
      const replacement = documentOf(found._id, 2);
      const later = documentOf(found._id, 3);
      await put(found);
      await put(later);
      expect([await it.copies.replace(found, replacement), await it.copies.remove(found)]).toEqual([false, false]);
      expect(await one(found._id)).toEqual(later);
      // The same version, the same last event, the same digest of events: only one field is another.
      await it.putByHand({ ...later, data: { text: 'by hand' } });
      expect([await it.copies.replace(later, replacement), await it.copies.remove(later)]).toEqual([false, false]);
      expect((await one(found._id))?.data).toEqual({ text: 'by hand' });
    });

    test('one that is as it was found is removed, and nothing else', async () => {
      const [extra, other] = [documentOf(newThing(), 1), documentOf(newThing(), 1)];
      await put(extra, other);
      expect(await it.copies.remove((await one(extra._id)) as ProjectedDocument)).toBe(true);
      expect([await one(extra._id), await one(other._id)]).toEqual([undefined, other]);
      expect(await it.copies.remove(extra)).toBe(false);
    });
  });
}
