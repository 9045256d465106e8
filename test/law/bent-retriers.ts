// Retriers that are wrong on purpose, for calibration: each breaks one promise of the retrier and keeps the others.
import { type Documents, type HeldSubjects, isPlaceholder, kindOf, type StoredEvent } from 'foldline/engine';
import type { Bend } from './bend.ts';
import { storeWith } from './bent-stores.ts';
import type { AttemptPorts } from './retrying-and-repairing.ts';
import { shopProjections } from './shop.ts';

/** A store whose guard the retrier goes around. */
export function unguardedRetrier(see: (documents: Documents, held: HeldSubjects) => Documents['read']): Bend {
  const unguarded = new WeakSet<object>();
  return {
    store: storeWith({ putWins: (put, there) => !there || there.version < put.version || unguarded.has(put) }),
    retriersDocuments: (documents, held) => ({
      read: see(documents, held),
      async write(writes) {
        for (const one of writes) if ('put' in one) unguarded.add(one.put);
        await documents.write(writes);
      },
    }),
  };
}

/** Every document seems to be where its subject was when it was held. */
export function atTheHeldVersion(documents: Documents, held: HeldSubjects): Documents['read'] {
  return async (ids) => {
    const [found, entries] = [await documents.read(ids), await held.among(ids)];
    return new Map(
      [...found].map(([id, document]) => {
        const version = entries.get(id)?.appliedVersion ?? 0;
        return [id, version === 0 || isPlaceholder(document) ? document : { ...document, version }];
      }),
    );
  };
}

/** What the owner has and nobody can read is stood in for by an event that says nothing. */
export function skippingTheBroken(ports: AttemptPorts): AttemptPorts {
  const skipped = (event: StoredEvent): StoredEvent => {
    const decoded = shopProjections.find(({ kind }) => kind === kindOf(event.subject))?.decode(event);
    return decoded?.kind === 'undecodable' ? { ...event, type: 'skipped_v1' } : event;
  };
  return {
    ...ports,
    ownerOf: (subject) => {
      const owner = ports.ownerOf(subject);
      return owner && { readNext: async (...asked) => (await owner.readNext(...asked)).map(skipped) };
    },
  };
}

/** Whatever became of it, what was tried is held no more. */
export function lettingGoOfAll(ports: AttemptPorts): AttemptPorts {
  return {
    ...ports,
    async apply(items) {
      const outcome = await ports.apply(items);
      const tried = items.flatMap((item) => ('event' in item ? [item.event.subject] : []));
      await ports.held.release(new Map(tried.map((subject) => [subject, Number.MAX_SAFE_INTEGER])));
      return outcome;
    },
  };
}
