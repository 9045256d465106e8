// The event store in memory, for tests: the same promises as on a server, kept by doing everything in one turn of the event loop.
// It stores nothing on disk and does not measure events as BSON but as JSON.
import {
  type AppendResult,
  type ClaimHolder,
  type ClaimRule,
  checkMembers,
  type EventStore,
  inTimeOrder,
  type LateClaim,
  type StoredEvent,
} from '../../engine/index.ts';

export interface InMemoryStoreOptions {
  readonly claimRules?: readonly ClaimRule[];
  readonly eventBytesMax?: number;
}

export function inMemoryEventStore({
  claimRules = [],
  eventBytesMax = 262_144,
}: InMemoryStoreOptions = {}): EventStore {
  const streams = new Map<string, StoredEvent[]>();
  const holders = new Map<string, ClaimHolder>();
  const stream = (subject: string) => streams.get(subject) ?? [];
  const at = ({ subject, version }: { subject: string; version: number }) => stream(subject)[version - 1];
  const head = (subject: string) => stream(subject).length;

  function replace(place: { subject: string; version: number }, claims: readonly string[]): void {
    const { claims: _, ...bare } = at(place) as StoredEvent;
    stream(place.subject)[place.version - 1] = claims.length > 0 ? { ...bare, claims } : bare;
  }

  /** True when a later event of the subject gave the claim up. */
  function isOver(claim: string, { subject, version }: { subject: string; version: number }): boolean {
    const rule = claimRules.find(({ prefix }) => claim.startsWith(prefix));
    const later = rule ? stream(subject).slice(version) : [];
    return later.some((event) => rule?.types.includes(event.type) && rule.endedBy(claim, event));
  }

  /** Who holds the claim now; one that was given up is taken off first. */
  function holderOf(claim: string): ClaimHolder | undefined {
    const holder = holders.get(claim);
    if (!holder || !isOver(claim, holder)) return holder;
    replace(
      holder,
      (at(holder)?.claims ?? []).filter((one) => one !== claim),
    );
    holders.delete(claim);
    return undefined;
  }

  function versionConflict(members: readonly StoredEvent[]): AppendResult | undefined {
    const next = new Map<string, number>();
    for (const { subject, version } of members) {
      const expected = next.get(subject) ?? head(subject) + 1;
      if (version !== expected) return { kind: 'version-conflict', subject, currentVersion: head(subject) };
      next.set(subject, version + 1);
    }
    return undefined;
  }

  function claimConflict(members: readonly StoredEvent[]): AppendResult | undefined {
    for (const claim of members.flatMap(({ claims }) => claims ?? [])) {
      const holder = holderOf(claim);
      if (holder) return { kind: 'claim-conflict', claim, holder };
    }
    return undefined;
  }

  function lastTimes(members: readonly StoredEvent[]): Map<string, Date> {
    return new Map(
      members.flatMap(({ subject }) =>
        stream(subject)
          .slice(-1)
          .map(({ time }) => [subject, time] as const),
      ),
    );
  }

  function place(event: StoredEvent): StoredEvent {
    const placed = withoutUndefined(structuredClone(event));
    streams.set(event.subject, [...stream(event.subject), placed]);
    for (const claim of placed.claims ?? []) holders.set(claim, holderFrom(placed));
    return placed;
  }

  function claimOne({ claim, subject, version }: LateClaim): ClaimHolder | undefined {
    const event = at({ subject, version });
    const holder = holderOf(claim);
    if (!event || isOver(claim, { subject, version })) return undefined;
    if (holder) return holder.subject === subject ? undefined : holder;
    replace(event, [...(event.claims ?? []), claim]);
    holders.set(claim, holderFrom(event));
    return undefined;
  }

  const read: EventStore['read'] = async (subject, { afterVersion = 0, upToVersion, limit } = {}) => {
    const found = stream(subject).slice(afterVersion, upToVersion);
    return structuredClone(limit ? found.slice(0, limit) : found);
  };

  async function readEach(positions: ReadonlyMap<string, number>, limit = 0): Promise<StoredEvent[]> {
    const parts = [...positions].map(([subject, afterVersion]) => read(subject, { afterVersion, limit }));
    return (await Promise.all(parts)).flat();
  }

  return {
    read,
    async append(members) {
      checkMembers(members, eventBytesMax, jsonBytes);
      const there = members.flatMap((event) => at(event) ?? []);
      if (there.length === members.length && there.every(({ id }, i) => id === members[i]?.id))
        return { kind: 'stored', events: there };
      const refused = versionConflict(members) ?? claimConflict(members);
      return refused ?? { kind: 'stored', events: inTimeOrder(members, lastTimes(members)).map(place) };
    },
    async readAsOf(subject, instant) {
      const later = stream(subject).findIndex(({ time }) => time > instant);
      return read(subject, later < 0 ? {} : { upToVersion: later });
    },
    readLater: (positions) => readEach(positions),
    readNext: (positions, eachMax) => readEach(positions, eachMax),
    async heads(subjects) {
      return new Map(subjects.filter((subject) => head(subject) > 0).map((subject) => [subject, head(subject)]));
    },
    async findByClaim(claim) {
      const holder = holders.get(claim);
      return holder && structuredClone(at(holder));
    },
    async holders(claims) {
      const held = claims.map((claim) => [claim, holders.get(claim)] as const);
      return new Map(held.flatMap(([claim, holder]) => (holder && !isOver(claim, holder) ? [[claim, holder]] : [])));
    },
    async claimLate(claims) {
      return claims.flatMap((late) => {
        const holder = claimOne(late);
        return holder ? [{ ...late, holder }] : [];
      });
    },
  };
}

function holderFrom({ id, subject, version }: StoredEvent): ClaimHolder {
  return { eventId: id, subject, version };
}

function jsonBytes(event: StoredEvent): number {
  return Buffer.byteLength(JSON.stringify(event));
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as T;
}
