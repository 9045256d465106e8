// Who stands for whom: the survivor of an identity and all that it stands for, found by the edges in the absorbed ones' documents
// at the moment of reading. One query for each step on the way, for a whole page; a circle of strangers ends it too.
import {
  type Documents,
  groupBy,
  type Identity,
  idOf,
  inMergeOrder,
  isPlaceholder,
  type Merging,
  mergeDepthMax,
  mergedFields,
  type StoredDocument,
  subjectOf,
  survivorOf,
} from 'foldline/engine';
import { findModels } from 'foldline/mongodb';
import type { Collection, Filter, IndexDescription } from 'mongodb';
import { dataOf, stateOf } from '../shop-view.ts';
import { type CustomerData, customerFields } from './customer.ts';

/** One person: the customer that survived every merge, and those that were merged into it. */
export interface Person {
  readonly survivorId: string;
  /** The survivor's own; undefined while nobody has heard of it. */
  readonly document: StoredDocument | undefined;
  /** The survivor's id and all that lead to it, in merge order. */
  readonly members: readonly string[];
  /** The survivor's fields, their gaps filled from the others in this order; null while the survivor is not known yet. */
  readonly data: CustomerData | null;
}

/** The person behind an id. */
export type People = (id: string) => Person;

export interface Identities {
  /** Everybody behind these ids, and behind no others. @param read documents that need not be read again */
  of(ids: readonly string[], read?: readonly StoredDocument[]): Promise<People>;
}

export interface IdentityPorts {
  readonly documents: Pick<Documents, 'read'>;
  /** Those whose last merge leads straight to one of these, at most `limit`. */
  absorbedBy(survivorIds: readonly string[], limit: number): Promise<readonly StoredDocument[]>;
  /** How many members of one person are looked at, the survivor included. */
  readonly membersMax: number;
}

/** Only those that were merged are in it. */
export const byMergedInto: IndexDescription = {
  key: { mergedInto: 1, _id: 1 },
  name: 'mergedInto_id',
  partialFilterExpression: { mergedInto: { $exists: true } },
};

/** @param customers asked for its collection at each reading */
export function absorbedIn(customers: {
  readonly collection: Collection<StoredDocument>;
}): IdentityPorts['absorbedBy'] {
  return async (survivorIds, limit) => {
    const filter: Filter<StoredDocument> = { mergedInto: { $in: [...survivorIds] } };
    const found = await findModels(customers.collection, filter).sort({ mergedInto: 1, _id: 1 }).limit(limit).toArray();
    return found.flatMap(({ document, isReadable }) => (isReadable ? [document] : []));
  };
}

type Known = Map<string, StoredDocument>;

export function openIdentities(ports: IdentityPorts): Identities {
  return {
    async of(ids, read = []) {
      const known: Known = new Map(read.map((document) => [idOf(document._id), document]));
      const survivor = (id: string) => survivorOf(id, (one) => mergedIntoOf(known.get(one)));
      await walkUp(ports, ids, known);
      const survivorIds = [...new Set(ids.map(survivor))];
      await walkDown(ports, survivorIds, known);
      const members = groupBy(new Set([...survivorIds, ...known.keys()]), survivor);
      const people = new Map(survivorIds.map((id) => [id, personOf(id, members.get(id) ?? [], known)]));
      return (id) => people.get(survivor(id)) as Person;
    },
  };
}

/** Adds the identities, and step by step the identities that they were merged into. */
async function walkUp({ documents }: IdentityPorts, ids: readonly string[], known: Known): Promise<void> {
  let level = ids;
  for (let depth = 0; level.length > 0 && depth <= mergeDepthMax; depth += 1) {
    const unread = new Set(level.filter((id) => !known.has(id)).map((id) => subjectOf('user', id)));
    const found = unread.size > 0 ? await documents.read([...unread]) : [];
    for (const [subject, document] of found) known.set(idOf(subject), document);
    level = level.flatMap((id) => mergedIntoOf(known.get(id)) ?? []).filter((id) => !known.has(id));
  }
}

/** Adds those for whom the survivors stand. What was read on the way up stays as it was read: its edges led there. */
async function walkDown(ports: IdentityPorts, survivorIds: readonly string[], known: Known): Promise<void> {
  const seen = new Set(survivorIds);
  let left = survivorIds.length * (ports.membersMax - 1);
  let level = survivorIds;
  for (let depth = 0; level.length > 0 && left > 0 && depth < mergeDepthMax; depth += 1) {
    const found = await ports.absorbedBy(level, left);
    left -= found.length;
    for (const document of found) if (!known.has(idOf(document._id))) known.set(idOf(document._id), document);
    level = found.map(({ _id }) => idOf(_id)).filter((id) => !seen.has(id));
    for (const id of level) seen.add(id);
  }
}

function personOf(survivorId: string, members: readonly string[], known: Known): Person {
  const document = known.get(survivorId);
  const ordered = inMergeOrder(
    survivorId,
    members.map((id) => ({ id, ...edgeOf(known.get(id)) })),
  ).map(({ id }) => id);
  // Removed members give no values, unless the survivor itself is removed: then all give theirs, so that the last name stays.
  const removed = stateOf(document) === 'removed';
  const naming = ordered.map((id) => known.get(id)).filter((one) => removed || stateOf(one) !== 'removed');
  const { winners } = mergedFields(
    customerFields,
    naming.flatMap((one) => dataOf<CustomerData>(one) ?? []),
  );
  return { survivorId, document, members: ordered, data: dataOf<CustomerData>(document) && winners };
}

function edgeOf(document: StoredDocument | undefined): Pick<Identity, 'mergedInto' | 'mergeId'> {
  const { mergedInto, mergeId }: Merging = document && !isPlaceholder(document) ? document : {};
  return { mergedInto, mergeId };
}

function mergedIntoOf(document: StoredDocument | undefined): string | undefined {
  return edgeOf(document).mergedInto;
}
