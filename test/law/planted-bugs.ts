// Calibration: faults that the law must notice, each planted by bending what the projector is given. A law that misses one
// of them would not notice it in the projector either.
import { groupBy, type StoredEvent } from 'foldline/engine';
import type { Bend } from './bend.ts';
import {
  ledgerInASecondWrite,
  ofTheFirstEventOnly,
  referring,
  sinceTheLastEventOfTheBatch,
  sinceTheLastMove,
  withWhatItMovedAwayFrom,
} from './bent-ledgers.ts';
import { mergeBugs } from './bent-merges.ts';
import { evolving, naming, referringTo } from './bent-projections.ts';
import { atTheHeldVersion, lettingGoOfAll, skippingTheBroken, unguardedRetrier } from './bent-retriers.ts';
import { nameAtOnce, onlyTheLastPlaceholder, readThenWrite, refusedTakenForStale, storeWith } from './bent-stores.ts';
import { shopProjections } from './shop.ts';

/** By the sentence that says what goes wrong. */
export const plantedBugs: Readonly<Record<string, Bend>> = {
  'a put wins whatever its version': { store: storeWith({ putWins: () => true }) },
  'the version is read, compared, and then written': {
    store: storeWith({ putWins: () => true, placeholderWins: () => true }),
    documents: readThenWrite,
  },
  'a put refused as a duplicate is taken for stale': { documents: refusedTakenForStale },
  'a placeholder overwrites a document': { store: storeWith({ placeholderWins: () => true }) },
  'what was removed is deleted': { store: storeWith({ deletes: ({ state }) => state === 'removed' }) },
  'of several placeholders in a batch only the last is written': { documents: onlyTheLastPlaceholder },
  'placeholders are written after their referrers': { models: (models) => [...models].reverse() },
  'the checkpoint moves before the batch is written': { checkpoint: 'before' },
  'the checkpoint moves although the batch failed': { checkpoint: 'whatever happened' },
  'a move names nothing': {
    projection: naming((event, right) => (event.type === 'itemMovedToCategory_v1' ? [] : right(event))),
  },
  'of the lines of an order only the first names its item': {
    projection: naming((event, right) => right(event).slice(0, 2)),
  },
  'events behind a hole name their targets at once': {
    apply: (apply, stores) => async (events) => {
      const outcome = await apply(events);
      await nameAtOnce(stores, events.flatMap(namedBy));
      return outcome;
    },
  },
  'the order of arrival is taken for the version': { apply: byArrival() },
  'a hole is skipped': { apply: (apply, stores) => async (events) => apply(await withoutHoles(events, stores)) },
  'an event that cannot be read is passed over': {
    projection: (projection) => ({
      ...projection,
      decode: (event) => {
        const decoded = projection.decode(event);
        return decoded.kind === 'undecodable' ? { kind: 'ignored' } : decoded;
      },
    }),
  },
  'a subject that stops is not held': { held: (held) => ({ ...held, hold: async () => {} }) },
  'a held subject is let go at the first step forward': {
    held: (held) => ({
      ...held,
      release: (reached) => held.release(new Map([...reached.keys()].map((key) => [key, Number.MAX_SAFE_INTEGER]))),
    }),
  },
  'a held subject is never let go': { held: (held) => ({ ...held, release: async () => {} }) },
  'the upcast of userCreated_v1 is missing': {
    projection: (projection) => ({
      ...projection,
      decode: (event) => (event.type === 'userCreated_v1' ? { kind: 'ignored' } : projection.decode(event)),
    }),
  },
  'late news revives what was removed': {
    projection: evolving((view, event, right) => ({
      ...right(view, event),
      state: /Removed|Deleted/.test(event.type) ? 'removed' : 'available',
    })),
  },
  'a removed subject cannot be created again': {
    projection: evolving((view, event, right) => (view.state === 'removed' ? view : right(view, event))),
  },
  'the events of a batch are handled one by one, the last first': {
    apply: (apply) => async (events) => {
      for (const event of [...events].reverse()) await apply([event]);
    },
  },
  'a new reference is as old as the last event of its batch': { documents: referring(sinceTheLastEventOfTheBatch) },
  'a move to where it is already makes the reference young again': { documents: referring(sinceTheLastMove) },
  'what was moved still refers to where it was': { documents: referring(withWhatItMovedAwayFrom) },
  'what was removed still holds its references': {
    projection: referringTo((view, right) => right({ ...view, state: 'available' })),
  },
  'the first event of a batch alone makes the references': { documents: referring(ofTheFirstEventOnly) },
  'of the lines of an order only the first refers to its item': {
    projection: referringTo((view, right) => right(view).slice(0, 2)),
  },
  'the ledger is written after the document, by a read and a write': {
    store: storeWith({ putWins: (put, there) => !there || there.version <= put.version }),
    documents: ledgerInASecondWrite,
    judgedAtTheEnd: true,
  },
  'the retrier goes on from where it was held, and writes without a guard': unguardedRetrier(atTheHeldVersion),
  'the retrier writes without a guard': unguardedRetrier((documents) => (ids) => documents.read(ids)),
  'the retrier skips what it cannot read': { retrier: skippingTheBroken },
  'the retrier lets go of whatever it tried': { retrier: lettingGoOfAll },
  ...mergeBugs,
};

function namedBy(event: StoredEvent): readonly string[] {
  const projection = shopProjections.find(({ kind }) => event.subject.startsWith(`${kind}-`));
  const decoded = projection?.decode(event);
  return decoded?.kind === 'known' ? (projection?.names?.(decoded.event) ?? []) : [];
}

/** The version an event carries is not looked at: each that comes is the next. */
function byArrival(): NonNullable<Bend['apply']> {
  return (apply, stores) => async (events) => {
    const renumbered: StoredEvent[] = [];
    for (const [subject, own] of groupBy(events, (event) => event.subject)) {
      const at = await versionOf(subject, stores);
      renumbered.push(...own.map((event, i) => ({ ...event, version: at + 1 + i })));
    }
    return apply(renumbered);
  };
}

/** What is missing is stood in for by an event that says nothing. */
async function withoutHoles(
  events: readonly StoredEvent[],
  stores: Parameters<NonNullable<Bend['apply']>>[1],
): Promise<StoredEvent[]> {
  const all: StoredEvent[] = [];
  for (const [subject, own] of groupBy(events, (event) => event.subject)) {
    let next = (await versionOf(subject, stores)) + 1;
    for (const event of own) {
      for (; next < event.version; next += 1)
        all.push({ ...event, version: next, type: 'skipped_v1', id: `skip-${next}` });
      all.push(event);
      next = Math.max(next, event.version + 1);
    }
  }
  return all;
}

async function versionOf(subject: string, stores: Parameters<NonNullable<Bend['apply']>>[1]): Promise<number> {
  const kind = subject.slice(0, subject.indexOf('-'));
  return (await stores.get(kind)?.read([subject]))?.get(subject)?.version ?? 0;
}
