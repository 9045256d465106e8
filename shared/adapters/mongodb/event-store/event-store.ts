// The event store on MongoDB. A single event is stored by a group commit. Several events, of one subject or more, are stored by one insert
// inside one transaction. Whatever was refused or left unanswered is settled by reading, so an append is never doubled,
// and never reported as refused when it was stored.
import { BSON, type Collection, type Db } from 'mongodb';
import {
  type AppendResult,
  type ClaimRule,
  checkMembers,
  type EventStore,
  Failure,
  inTimeOrder,
  type StoredEvent,
} from '../../../engine/index.ts';
import { backoffMs, pause } from '../../../running/index.ts';
import type { MongoUse } from '../given-client.ts';
import { findEvents, findWholeEvents } from '../raw-documents.ts';
import { claimHolders, claimLate, livingHolders } from './claims.ts';
import { ensureEventCollection } from './event-collection.ts';
import { type CrashPoint, createGroupCommit, type GroupLimits, type Inserted, insertGroup } from './group-commit.ts';
import { insertTogether } from './insert-together.ts';
import { headsOf, placeOf, placesOf, storedEventsOf } from './reading.ts';
import { settle, settleTogether, type Verdict } from './settle.ts';

export interface StoreLimits extends GroupLimits {
  /** The largest event, as BSON. */
  readonly eventBytesMax: number;
  /** How long the server may spend on one insert. After that, the store reads which events of the group were stored. */
  readonly insertMs: number;
  readonly triesMax: number;
  readonly appendMs: number;
}

export interface MongoStoreOptions {
  readonly client: MongoUse;
  readonly db: Db;
  readonly collection: string;
  readonly claimRules: readonly ClaimRule[];
  readonly limits: StoreLimits;
  readonly crashPoint?: CrashPoint;
}

const withoutId = { projection: { _id: 0 as const } };
const documentFailedValidation = 121;
/** How many retried members may be on their way at once, each in an insert of its own so that none waits for another. */
const retriesInFlightMax = 32;

/** Creates the collection, its validator and its indexes when they are missing. */
export async function openMongoEventStore(options: MongoStoreOptions): Promise<EventStore> {
  const { claimRules, limits, crashPoint = () => {} } = options;
  const events = await ensureEventCollection(options.db, options.collection, limits.eventBytesMax);
  const insert = (members: readonly StoredEvent[]) => insertGroup(events, members, limits.insertMs, crashPoint);
  const groups = createGroupCommit<StoredEvent, Inserted>(limits, insert);
  const alone = createGroupCommit<StoredEvent, Inserted>(
    { ...limits, membersMax: 1, groupsInFlightMax: retriesInFlightMax },
    insert,
  );
  const verdicts = createGroupCommit<StoredEvent, Verdict>(limits, (members) => settle(events, claimRules, members));
  const predecessors = createGroupCommit<StoredEvent, Date | undefined>(limits, async (members) => {
    const before = members.map(({ subject, version }) => ({ subject, version: version - 1 }));
    const places = await placesOf(events, before);
    return before.map((place) => places.get(placeOf(place))?.time);
  });

  async function appendOne(event: StoredEvent): Promise<AppendResult> {
    return untilSettled(limits, async (attempt) => {
      const inserted = await (attempt === 1 ? groups : alone).submit(event);
      if (inserted.stored) return { kind: 'stored', events: [event] };
      if (inserted.refusedBy === documentFailedValidation) throw refusedByValidator(event);
      crashPoint('before-settle');
      return verdicts.submit(event);
    });
  }

  async function appendTogether(members: readonly StoredEvent[]): Promise<AppendResult> {
    return untilSettled(limits, async () => {
      const stored = await insertTogether(options.client, events, members, limits.insertMs, crashPoint);
      return stored ? { kind: 'stored', events: members } : settleTogether(events, claimRules, members);
    });
  }

  /** Refuses a gap, which no index would, and keeps time from running backwards inside a subject. */
  async function behindPredecessors(members: readonly StoredEvent[]): Promise<AppendResult | readonly StoredEvent[]> {
    const firsts = firstOfEachSubject(members).filter(({ version }) => version > 1);
    const floors = new Map<string, Date>();
    const times = await Promise.all(firsts.map((first) => predecessors.submit(first)));
    for (const [i, { subject }] of firsts.entries()) {
      const time = times[i];
      if (!time)
        return {
          kind: 'version-conflict',
          subject,
          currentVersion: (await headsOf(events, [subject])).get(subject) ?? 0,
        };
      floors.set(subject, time);
    }
    return inTimeOrder(members, floors);
  }

  const read: EventStore['read'] = (subject, { afterVersion = 0, upToVersion, limit = 0 } = {}) => {
    const version = { $gt: afterVersion, ...(upToVersion !== undefined && { $lte: upToVersion }) };
    return findWholeEvents(events, { subject, version }).sort({ version: 1 }).limit(limit).toArray();
  };

  return {
    read,
    async append(members) {
      checkMembers(members, limits.eventBytesMax, storedBytes);
      const placed = await behindPredecessors(members);
      if ('kind' in placed) return placed;
      const [only, ...others] = placed;
      return only && others.length === 0 ? appendOne(only) : appendTogether(placed);
    },
    async readAsOf(subject, instant) {
      const later = await findEvents(
        events,
        { subject, time: { $gt: instant } },
        { projection: { _id: 0, version: 1 } },
      )
        .sort({ version: 1 })
        .limit(1)
        .next();
      return read(subject, later ? { upToVersion: later.version - 1 } : {});
    },
    ...storedEventsOf(events),
    ...claimsAndHeads(events, claimRules),
    claimLate: (claims) => claimLate(events, claimRules, claims, limits.triesMax),
    async findByClaim(claim) {
      const [held] = (await claimHolders(events, [claim])).values();
      if (!held) return undefined;
      return (await findEvents(events, { _id: held.documentId }, withoutId).limit(1).next()) ?? undefined;
    },
  };
}

async function untilSettled(limits: StoreLimits, attempt: (n: number) => Promise<Verdict>): Promise<AppendResult> {
  const endMs = Date.now() + limits.appendMs;
  let cause: unknown;
  for (let n = 1; n <= limits.triesMax && Date.now() < endMs; n += 1) {
    try {
      const verdict = await attempt(n);
      if (verdict.kind !== 'again') return verdict;
    } catch (error) {
      if (error instanceof Failure) throw error;
      cause = error;
    }
    if (n < limits.triesMax) await pause(backoffMs({ initialMs: 10, maxMs: 200 }, n));
  }
  throw new Failure(
    'overloaded',
    'The store gave no definite answer in time. Repeat the request with the same Idempotency-Key.',
    { cause },
  );
}

function firstOfEachSubject(members: readonly StoredEvent[]): StoredEvent[] {
  const seen = new Set<string>();
  return members.filter(({ subject }) => !seen.has(subject) && seen.add(subject));
}

/** The part of the store that only reads: it creates and writes nothing, and finds nothing where there is no collection yet. */
export function claimsAndHeads(
  events: Collection<StoredEvent>,
  claimRules: readonly ClaimRule[],
): Pick<EventStore, 'holders' | 'heads'> {
  return {
    holders: (claims) => livingHolders(events, claimRules, claims),
    heads: (subjects) => headsOf(events, subjects),
  };
}

/** The size of an event as BSON, the form in which this store keeps events: `eventBytesMax` limits this size. */
export function storedBytes(event: StoredEvent): number {
  return BSON.calculateObjectSize(event, { ignoreUndefined: true });
}

function refusedByValidator(event: StoredEvent): Failure {
  return new Failure(
    'invalid-request',
    `The collection refused ${event.type} for ${event.subject}: the envelope is not valid, or the event is larger than the STORE_EVENT_BYTES_MAX of the service that owns the collection.`,
  );
}
