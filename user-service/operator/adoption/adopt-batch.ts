// One batch of documents becomes users: one look at what is stored of them, one at who holds their addresses, and the appends of those
// that are left, which leave together. Whoever takes an address meanwhile is found by the append itself.
import { type EventStore, idOf, isFailure, type StoredEvent } from 'foldline/engine';
import type { DecodedDocument } from 'foldline/mongodb';
import type { Collection } from 'mongodb';
import { type Adopted, adopted, type Origin, type Place, placeOf, type Unfit, unreadable } from './adopted-user.ts';

export type Outcome = Done | Skip;

export interface Done {
  readonly outcome: 'adopted' | 'adopted-before';
  readonly userId: string;
}

export type Skip =
  /** `holder`: the user who has the address. */
  | { readonly outcome: 'email-taken'; readonly userId: string; readonly holder: string }
  /** Another event began this user. */
  | { readonly outcome: 'id-taken'; readonly userId: string }
  | ({ readonly outcome: 'unfit' } & Unfit);

export function isDone(one: Outcome): one is Done {
  return one.outcome === 'adopted' || one.outcome === 'adopted-before';
}

export interface BatchPorts {
  readonly events: Collection<StoredEvent>;
  readonly known: Pick<EventStore, 'holders'>;
  /** Undefined: nothing is stored, and what would be is told. */
  readonly store: Pick<EventStore, 'append'> | undefined;
  /** Where nothing is stored: who would be there, and who would hold which address, by now. */
  readonly would: { readonly be: Set<string>; readonly hold: Map<string, string> };
}

/** One outcome for each document, in their order. */
export async function adoptBatch(
  ports: BatchPorts,
  origin: Origin,
  documents: readonly DecodedDocument[],
): Promise<readonly Outcome[]> {
  const places = documents.map(({ document }) => placeOf(document, origin));
  const firstIds = await firstEventsOf(ports.events, places);
  const read = documents.map(({ document, fault }, i): Adopted | Done | Skip => {
    const place = places[i] as Place | Unfit;
    if (!('subject' in place)) return { outcome: 'unfit', ...place };
    const [userId, firstId] = [idOf(place.subject), firstIds.get(place.subject)];
    // Whatever the document became since, or another map finds in it: it was adopted.
    if (firstId !== undefined) return { outcome: firstId === place.eventId ? 'adopted-before' : 'id-taken', userId };
    if (fault !== undefined) return { outcome: 'unfit', ...unreadable(document, fault, origin) };
    const one = adopted(document, place, origin);
    return 'event' in one ? one : { outcome: 'unfit', ...one };
  });
  const holders = await ports.known.holders(read.flatMap((one) => ('event' in one ? (one.claim ?? []) : [])));
  const begun = ports.store ? new Set<string>() : ports.would.be;
  const claimed = ports.store ? new Map<string, string>() : ports.would.hold;

  return Promise.all(
    read.map(async (one): Promise<Outcome> => {
      if (!('event' in one)) return one;
      const { event, claim } = one;
      const userId = idOf(event.subject);
      if (begun.has(event.subject)) return { outcome: 'id-taken', userId };
      const holder = claim === undefined ? undefined : (holders.get(claim)?.subject ?? claimed.get(claim));
      if (holder !== undefined) return { outcome: 'email-taken', userId, holder: idOf(holder) };
      begun.add(event.subject);
      if (claim !== undefined) claimed.set(claim, event.subject);
      return ports.store ? appended(ports.store, event) : { outcome: 'adopted', userId };
    }),
  );
}

async function appended(store: Pick<EventStore, 'append'>, event: StoredEvent): Promise<Outcome> {
  const userId = idOf(event.subject);
  const result = await store.append([event]).catch((error: unknown) => {
    // Of this document alone: it must not keep the others from being adopted.
    if (isFailure(error, 'invalid-request') || isFailure(error, 'too-large')) return error;
    throw error;
  });
  if (isFailure(result)) return { outcome: 'unfit', field: 'map', detail: result.message };
  switch (result.kind) {
    case 'stored':
      return { outcome: 'adopted', userId };
    case 'version-conflict':
      return { outcome: 'id-taken', userId };
    case 'claim-conflict':
      return { outcome: 'email-taken', userId, holder: idOf(result.holder.subject) };
  }
}

/** The id of the first event of each of these subjects that has one. */
async function firstEventsOf(
  events: Collection<StoredEvent>,
  places: readonly (Place | Unfit)[],
): Promise<Map<string, string>> {
  const subjects = places.flatMap((place) => ('subject' in place ? place.subject : []));
  const found = events.find({ subject: { $in: subjects }, version: 1 }, { projection: { _id: 0, subject: 1, id: 1 } });
  return new Map((await found.toArray()).map(({ subject, id }) => [subject, id]));
}
