// Addresses of events that came around the API: the projector claims them afterwards. A clash is a fact, not a fault of the
// event: it is folded all the same, and listed until one of the two users moves on.
import {
  type Change,
  type ClaimClash,
  type EventStore,
  fold,
  type LateClaim,
  type StoredEvent,
  viewOf,
} from 'foldline/engine';
import type { CollectionForm } from 'foldline/mongodb';
import type { Collection } from 'mongodb';
import { emailClaim, emailPrefix, type User, userDecider, userProjection } from './user.ts';

export interface AddressClash {
  /** The subject whose event could not claim its address. */
  readonly _id: string;
  readonly version: number;
  readonly claim: string;
  readonly heldBy: string;
  readonly since: Date;
}

const text = { $type: 'string' } as const;

export const addressClashesForm: CollectionForm = {
  name: 'AddressClashes',
  indexes: [],
  order: { _id: 1 },
  documents: { _id: text, version: { $type: 'number' }, claim: text, heldBy: text },
};

interface AddressClaims {
  /**
   * To be called with what a batch changes, before it is written: a batch that is repeated after a failure changes nothing
   * any more, and nobody would come back for the claims. @returns how many clashes are new
   */
  claimMissing(changes: readonly Change[]): Promise<number>;
  /** Without the addresses themselves. */
  list(limit: number): Promise<Omit<AddressClash, 'claim'>[]>;
  count(): Promise<number>;
}

export function addressClaims(
  store: Pick<EventStore, 'claimLate'>,
  clashes: Collection<AddressClash>,
  now: () => Date,
): AddressClaims {
  return {
    async claimMissing(changes) {
      const moved = changes.filter(({ before, after }) => addressOf(before) !== addressOf(after));
      if (moved.length === 0) return 0;
      const movedAway = moved.filter(({ before }) => before).map(({ after }) => after._id);
      const missing = moved.filter(({ events }) => events.some(lacksClaim)).flatMap(missingClaim);
      const wanted = [...missing, ...(await waitingFor(movedAway, new Set(moved.map(({ after }) => after._id))))];
      const found = wanted.length > 0 ? await store.claimLate(wanted) : [];
      const added = new Set(await remember(found));
      // Once more, now that the clash is listed: a holder that moved on meanwhile may have looked at the list too early.
      const left = found.length > 0 ? await store.claimLate(found) : [];
      const clashing = new Set(left.map(({ subject }) => subject));
      const settled = [...movedAway, ...wanted.map(({ subject }) => subject)].filter((one) => !clashing.has(one));
      if (settled.length > 0) await clashes.deleteMany({ _id: { $in: settled } });
      return left.filter(({ subject }) => added.has(subject)).length;
    },
    list: (limit) =>
      clashes
        .find({}, { projection: { claim: 0 } })
        .sort({ _id: 1 })
        .limit(limit)
        .toArray(),
    count: () => clashes.countDocuments(),
  };

  /** The claims of users who clashed with these subjects and have not moved themselves. */
  async function waitingFor(holders: readonly string[], moved: ReadonlySet<string>): Promise<LateClaim[]> {
    if (holders.length === 0) return [];
    const waiting = await clashes.find({ heldBy: { $in: [...holders] } }).toArray();
    return waiting
      .filter(({ _id }) => !moved.has(_id))
      .map(({ _id, version, claim }) => ({ subject: _id, version, claim }));
  }

  /** @returns the subjects that were not listed before */
  async function remember(found: readonly ClaimClash[]): Promise<string[]> {
    if (found.length === 0) return [];
    const listed = await clashes.bulkWrite(
      found.map(({ subject, version, claim, holder }) => ({
        updateOne: {
          filter: { _id: subject },
          update: { $set: { version, claim, heldBy: holder.subject }, $setOnInsert: { since: now() } },
          upsert: true,
        },
      })),
      { ordered: false },
    );
    return Object.values(listed.upsertedIds);
  }
}

function addressOf(document: Change['before']): string | undefined {
  if (document?.state !== 'active') return undefined;
  return emailClaim((document.data as User['data']).email);
}

/** Cheap, because every event passes here: the API's own events that set an address nearly always carry their claim. */
function lacksClaim({ data, claims }: StoredEvent): boolean {
  return 'email' in data && !claims?.some((claim) => claim.startsWith(emailPrefix));
}

/** The event of the batch that set the address the user has now, when it carries no claim for it. */
function missingClaim({ before, after, events }: Change): LateClaim[] {
  const wanted = addressOf(after);
  let document = before;
  let setter: LateClaim | undefined;
  for (const event of [...events].sort((a, b) => a.version - b.version)) {
    const decoded = userProjection.decode(event);
    const view = document ? viewOf<User>(document) : userProjection.initialState;
    const claims =
      decoded.kind === 'known' && event.version > (document?.version ?? 0)
        ? (userDecider.claims?.(decoded.event, view) ?? [])
        : [];
    const claim = claims.find((one) => one === wanted);
    if (claim)
      setter = event.claims?.includes(claim) ? undefined : { claim, subject: event.subject, version: event.version };
    document = fold(userProjection, document, [event]).document;
  }
  return setter ? [setter] : [];
}
