// Ports that are wrong on purpose, for calibration: each breaks one promise of `Documents` and keeps the others.
import { type Documents, type DocumentWrite, kindOf, notYetAvailable, type StoredDocument } from 'foldline/engine';

type Put = Extract<DocumentWrite, { put: unknown }>['put'];

export interface StoreRules {
  /** Whether a put wins over what is there. */
  putWins(put: Put, there: StoredDocument | undefined): boolean;
  placeholderWins(there: StoredDocument | undefined): boolean;
  /** Whether what was put is taken away. */
  deletes(put: Put): boolean;
}

const goodRules: StoreRules = {
  putWins: (put, there) => !there || there.version < put.version,
  placeholderWins: (there) => !there,
  deletes: () => false,
};

/** Keeps documents by other rules than the right ones. */
export function storeWith(rules: Partial<StoreRules>): () => Documents {
  const { putWins, placeholderWins, deletes } = { ...goodRules, ...rules };
  return () => {
    const all = new Map<string, StoredDocument>();
    const write = (one: DocumentWrite) => {
      if ('put' in one) {
        if (putWins(one.put, all.get(one.put._id))) all.set(one.put._id, structuredClone(one.put));
        if (deletes(one.put)) all.delete(one.put._id);
      } else if (placeholderWins(all.get(one.placeholder))) {
        all.set(one.placeholder, { _id: one.placeholder, version: 0, state: notYetAvailable });
      }
    };
    return {
      async read(ids) {
        return new Map(ids.flatMap((id) => all.get(id) ?? []).map((one) => [one._id, structuredClone(one)]));
      },
      async write(writes) {
        for (const one of writes) write(one);
      },
    };
  };
}

/** A put of what was not there when it was read is an insert; refused as a duplicate, it counts as stale and is dropped. */
export function refusedTakenForStale(documents: Documents): Documents {
  const absent = new Set<string>();
  return {
    async read(ids) {
      const found = await documents.read(ids);
      for (const id of ids) if (!found.has(id)) absent.add(id);
      return found;
    },
    async write(writes) {
      for (const one of writes) {
        const refused = 'put' in one && absent.has(one.put._id) && (await documents.read([one.put._id])).size > 0;
        if (!refused) await documents.write([one]);
      }
    },
  };
}

/** The version is compared by the process and not by the store: what is written between the two is lost. */
export function readThenWrite(documents: Documents): Documents {
  return {
    ...documents,
    async write(writes) {
      for (const one of writes) {
        const id = 'put' in one ? one.put._id : one.placeholder;
        const there = (await documents.read([id])).get(id);
        if ('put' in one ? goodRules.putWins(one.put, there) : !there) await documents.write([one]);
      }
    },
  };
}

/** Of the placeholders of one bulk only the last is written. */
export function onlyTheLastPlaceholder(documents: Documents): Documents {
  return {
    ...documents,
    async write(writes) {
      const last = writes.findLast((one) => 'placeholder' in one);
      const kept = writes.filter((one) => 'put' in one || one === last);
      if (kept.length > 0) await documents.write(kept);
    },
  };
}

/** Inserts a placeholder for each of `targets` that has no document. */
export async function nameAtOnce(stores: ReadonlyMap<string, Documents>, targets: readonly string[]): Promise<void> {
  for (const target of targets) await stores.get(kindOf(target))?.write([{ placeholder: target }]);
}
