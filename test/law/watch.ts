// What must hold after every single write, not only at the end: no document goes back or goes away, each is what its events
// up to its version make it, and whatever it names is there to be read. The first fault found ends the run.
import { type Documents, kindOf, type StoredDocument } from 'foldline/engine';
import type { OpenIdentities, Tally } from './bend.ts';
import { textOf } from './canonical-text.ts';
import type { Ending, Oracle } from './oracle.ts';
import { ledgerText } from './oracle-ledger.ts';
import { readPeople } from './people.ts';

/** The law does not hold; the message says where. */
export class LawBroken extends Error {}

export interface Watch {
  /** To be called after every write of `id`. */
  written(id: string): Promise<void>;
  /** Compares every document that was ever written, and every one that must be there; and what is read of all of them. */
  compare(ending: Ending): Promise<void>;
}

/** @param identities how the shop finds who stands for whom, where a planted bug bends it */
export function watchOver(
  stores: ReadonlyMap<string, Documents>,
  oracle: Oracle,
  identities: OpenIdentities | undefined,
  tally: Tally,
): Watch {
  const seen = new Map<string, number>();
  const read = async (id: string): Promise<StoredDocument | undefined> =>
    (await stores.get(kindOf(id))?.read([id]))?.get(id);

  async function assertNamedExist(id: string, from: number, to: number): Promise<void> {
    for (let version = from + 1; version <= to; version += 1) {
      for (const target of oracle.named(id, version)) {
        if (!seen.has(target) && !(await read(target)))
          throw new LawBroken(`${id} at version ${version} names ${target}, of which there is no document yet`);
      }
    }
  }

  return {
    async written(id) {
      const before = seen.get(id);
      const document = await read(id);
      if (!document) throw new LawBroken(`${id} is gone right after it was written`);
      if (document.version < (before ?? 0))
        throw new LawBroken(`${id} went back from version ${before} to ${document.version}`);
      if (document.version === before) return;
      seen.set(id, document.version);
      if (document.version > 0) assertSame(id, textOf(document), oracle.at(id, document.version));
      await assertNamedExist(id, before ?? 0, document.version);
    },
    async compare({ documents, ledger, people }) {
      const ids = new Set([...documents.keys(), ...seen.keys()]);
      const stored = new Map<string, StoredDocument>();
      for (const id of ids) {
        const document = await read(id);
        if (document) stored.set(id, document);
      }
      assertSame('the ledger', ledgerOf(stored), ledger);
      for (const id of ids) {
        const document = stored.get(id);
        assertSame(id, document && textOf(document), documents.get(id));
      }
      const { text, merged, otherInPage } = await readPeople(stored, identities);
      tally.merged += merged;
      assertSame('what is read of customers', text, people);
      assertSame('what reads otherwise in a page', otherInPage.join(), '');
    },
  };
}

/** The ledger as a reader finds it: in the documents that refer, with the state of those they refer to. */
function ledgerOf(stored: ReadonlyMap<string, StoredDocument>): string {
  const entries = [...stored.values()].flatMap((document) => {
    const references = 'references' in document ? (document.references ?? []) : [];
    return references.map((one) => ({ referrer: document._id, ...one, targetState: stored.get(one.target)?.state }));
  });
  return ledgerText(entries);
}

function assertSame(id: string, is: string | undefined, mustBe: string | undefined): void {
  if (is !== mustBe)
    throw new LawBroken(`${id} is\n    ${is ?? 'not there'}\n  and must be\n    ${mustBe ?? 'not there'}`);
}
