// Ledgers of references that are wrong on purpose, for calibration: the right document is written with other references.
import {
  type Documents,
  fold,
  kindOf,
  type ProjectedDocument,
  type Reference,
  type StoredDocument,
  type StoredEvent,
  usableBase,
} from 'foldline/engine';
import type { Bend } from './bend.ts';
import { shopProjections } from './shop.ts';

/** What a put would rightly hold, what was stored when the batch began, and the events of the batch that lie between. */
interface Change {
  readonly put: ProjectedDocument & { readonly references: readonly Reference[] };
  readonly before: ProjectedDocument | undefined;
  readonly events: readonly StoredEvent[];
}

/** Writes other references than the right ones. */
export function referring(references: (change: Change) => readonly Reference[]): NonNullable<Bend['documents']> {
  return (documents, batch) => {
    const found = new Map<string, StoredDocument>();
    return {
      async read(ids) {
        const now = await documents.read(ids);
        for (const [id, document] of now) found.set(id, document);
        return now;
      },
      async write(writes) {
        await documents.write(writes.map((one) => ('put' in one ? { put: bent(one.put) } : one)));
      },
    };

    function bent(put: ProjectedDocument): ProjectedDocument {
      if (!put.references) return put;
      const before = usableBase(put, found.get(put._id));
      const from = before?.version ?? 0;
      const events = batch
        .filter(({ subject, version }) => subject === put._id && version > from && version <= put.version)
        .sort((a, b) => a.version - b.version);
      return { ...put, references: references({ put: { ...put, references: put.references }, before, events }) };
    }
  };
}

export function sinceTheLastEventOfTheBatch({ put, before, events }: Change): readonly Reference[] {
  const last = events.at(-1);
  return put.references.map((one) => (last && !held(before, one) ? sinceEvent(one, last) : one));
}

export function sinceTheLastMove({ put, events }: Change): readonly Reference[] {
  const move = events.findLast(({ type }) => type === 'itemMovedToCategory_v1');
  return put.references.map((one) =>
    move && one.field === 'categoryId' && one.sinceVersion < move.version ? sinceEvent(one, move) : one,
  );
}

export function withWhatItMovedAwayFrom({ put, before }: Change): readonly Reference[] {
  if (put.state === 'removed') return put.references;
  const left = before?.references?.filter(({ field }) => field === 'categoryId') ?? [];
  return [...left.filter((one) => !put.references.some(({ target }) => target === one.target)), ...put.references];
}

export function ofTheFirstEventOnly({ put, before, events }: Change): readonly Reference[] {
  const projection = shopProjections.find(({ kind }) => kind === kindOf(put._id));
  if (!projection || events.length === 0) return put.references;
  return fold(projection, before, events.slice(0, 1)).document?.references ?? put.references;
}

function held(document: ProjectedDocument | undefined, { field, target }: Reference): boolean {
  return document?.references?.some((one) => one.field === field && one.target === target) ?? false;
}

function sinceEvent(reference: Reference, { time, version }: StoredEvent): Reference {
  return { ...reference, since: time, sinceVersion: version };
}

/** The document goes first, as it referred before; then it is read again and gets its references, whatever is there by now. */
export function ledgerInASecondWrite(documents: Documents): Documents {
  const read = async (id: string) => {
    const document = (await documents.read([id])).get(id);
    return document && 'references' in document ? document : undefined;
  };
  return {
    ...documents,
    async write(writes) {
      for (const one of writes) {
        const references = 'put' in one ? one.put.references : undefined;
        if (!('put' in one) || !references) {
          await documents.write([one]);
          continue;
        }
        const before = (await read(one.put._id))?.references ?? [];
        await documents.write([{ put: { ...one.put, references: before } }]);
        const after = await read(one.put._id);
        if (after) await documents.write([{ put: { ...after, references } }]);
      }
    },
  };
}
