// One try to release held subjects: their documents as they are now, the later events of the owner, the projector's own fold. Writes are
// guarded by versions, and a release by the version that was reached, so two tries at the same time do no harm.
import { type FeedItem, groupBy, type Held, kindOf, type StoredEvent, usableBase } from '../../engine/index.ts';
import type { Owner, RetrierPorts } from './retry-ports.ts';

export interface Attempt {
  readonly released: ReadonlySet<string>;
  /** Those that are held again, as they are now. */
  readonly held: ReadonlyMap<string, Held>;
  /** What kept an owner from answering, for each of its subjects. */
  readonly unanswered: ReadonlyMap<string, unknown>;
}

export type AttemptPorts = Pick<RetrierPorts, 'models' | 'held' | 'apply' | 'ownerOf'> & {
  readonly limits: Pick<RetrierPorts['limits'], 'batchEventsMax'>;
};
type OwnersItem = FeedItem & { readonly event: StoredEvent };
type Unanswered = Map<string, unknown>;

/** How far the document of a subject is by today's fold, and whether another fold has brought it further. */
interface Standing {
  readonly version: number;
  readonly isOfOlderFold: boolean;
}

/** @param entries subjects, no places */
export async function attempt(ports: AttemptPorts, entries: readonly Held[]): Promise<Attempt> {
  const unanswered: Unanswered = new Map();
  const given = new Map<string, number>();
  const byOwner = groupBy(entries, ({ key }) => ports.ownerOf(key));
  const tries = [...byOwner].map(async ([owner, own]) => {
    for await (const items of partsOf(ports, owner, own, unanswered)) {
      await ports.apply(items);
      for (const { event } of items) given.set(event.subject, event.version);
    }
  });
  // All of them end before an error is thrown: nothing of a try is left running behind it.
  const ended = await Promise.allSettled(tries);
  for (const one of ended) if (one.status === 'rejected') throw one.reason;

  const tried = entries.filter(({ key }) => !unanswered.has(key));
  await countTries(ports, tried, given);
  const held = await ports.held.among(tried.map(({ key }) => key));
  return { released: new Set(tried.map(({ key }) => key).filter((key) => !held.has(key))), held, unanswered };
}

/**
 * The owner's events for one try, in parts that are folded one after the other. One try takes only the next events of each subject,
 * because the next try goes on from there. A document of an older fold stays as it is until its version is reached, so a part of its
 * events would have no effect: such a subject is read to its end.
 */
async function* partsOf(
  ports: AttemptPorts,
  owner: Owner | undefined,
  entries: readonly Held[],
  unanswered: Unanswered,
): AsyncGenerator<OwnersItem[]> {
  const { batchEventsMax } = ports.limits;
  const open = new Set(entries.map(({ key }) => key));
  const standings = await standingsOf(ports, [...open]);
  const anew = entries.filter(({ key }) => standings.get(key)?.isOfOlderFold);
  const positions = positionsOf(entries, standings);
  for (const { key } of anew) positions.delete(key);
  const items: OwnersItem[] = [];
  try {
    const eachMax = Math.max(1, Math.floor(batchEventsMax / positions.size));
    items.push(...(await laterItems(owner, positions, eachMax, unanswered)));
    for (const key of positions.keys()) open.delete(key);
    for (const { key } of anew) {
      if (items.length >= batchEventsMax) yield items.splice(0);
      const whole: OwnersItem[] = [];
      for await (const part of historyOf(owner, key, 0, batchEventsMax, unanswered)) whole.push(...part);
      if (!unanswered.has(key)) for (const item of whole) items.push(item);
      open.delete(key);
    }
  } catch (error) {
    for (const key of open) unanswered.set(key, error);
  }
  if (items.length > 0) yield items;
}

/**
 * The place where each subject was held, or an earlier one. If a try wrote the document and ended before the release, its events
 * may not have reached other receivers, so these events are read again.
 */
function positionsOf(entries: readonly Held[], standings: ReadonlyMap<string, Standing>): Map<string, number> {
  return new Map(
    entries.map(({ key, appliedVersion }) => [key, Math.min(standings.get(key)?.version ?? 0, appliedVersion)]),
  );
}

/** What the owner has of one subject behind this version, a part after the other. */
export async function* historyOf(
  owner: Owner | undefined,
  key: string,
  version: number,
  eachMax: number,
  unanswered: Unanswered,
): AsyncGenerator<OwnersItem[]> {
  for (let reached = version; ; ) {
    const items = await laterItems(owner, new Map([[key, reached]]), eachMax, unanswered);
    const last = items.at(-1)?.event.version ?? 0;
    if (last <= reached) return;
    yield items;
    reached = last;
  }
}

/** What the owner has behind these versions, at most so many of each. */
export async function laterItems(
  owner: Owner | undefined,
  positions: ReadonlyMap<string, number>,
  eachMax: number,
  unanswered: Unanswered,
): Promise<OwnersItem[]> {
  if (!owner || positions.size === 0) return [];
  // When the owner cannot answer for one subject, the other subjects go on.
  const later = await owner.readNext(positions, eachMax, (key, fault) => unanswered.set(key, fault));
  return later.map((event: StoredEvent) => ({ source: 'owner', position: `${event.subject}/${event.version}`, event }));
}

/** The version of each document by today's fold; 0 where there is none yet. */
export async function versionsOf(ports: Pick<AttemptPorts, 'models'>, keys: readonly string[]) {
  return new Map([...(await standingsOf(ports, keys))].map(([key, { version }]) => [key, version]));
}

async function standingsOf({ models }: Pick<AttemptPorts, 'models'>, keys: readonly string[]) {
  const standings = new Map<string, Standing>(keys.map((key) => [key, { version: 0, isOfOlderFold: false }]));
  const byKind = groupBy(keys, kindOf);
  await Promise.all(
    models.map(async ({ projection, documents }) => {
      const own = byKind.get(projection.kind);
      if (!own) return;
      for (const [key, document] of await documents.read(own)) {
        const version = usableBase(projection, document)?.version ?? 0;
        standings.set(key, { version, isOfOlderFold: document.version > version });
      }
    }),
  );
  return standings;
}

/**
 * The projector counts a try that ended at an event it could not pass. One that brought no event, or too few, is counted here:
 * else a subject whose event exists nowhere would look as if nobody had tried.
 *
 * @param given the last version that the owner gave of each subject; another process may still have to pass later versions on
 */
async function countTries(
  ports: AttemptPorts,
  tried: readonly Held[],
  given: ReadonlyMap<string, number>,
): Promise<void> {
  const before = new Map(tried.map(({ key, attempts }) => [key, attempts]));
  const still = await ports.held.among([...before.keys()]);
  const uncounted = [...still.values()].filter(({ key, attempts }) => attempts === before.get(key));
  if (uncounted.length === 0) return;
  const keys = uncounted.map(({ key }) => key);
  const reached = async () =>
    new Map(
      [...(await versionsOf(ports, keys))].map(([key, version]) => [key, Math.min(version, given.get(key) ?? version)]),
    );
  const versions = await reached();
  const left = uncounted.filter(({ key, seenVersion }) => (versions.get(key) ?? 0) < seenVersion);
  await ports.held.hold(
    left.map(({ attempts: _, ...one }) => ({ ...one, ...stopAt(one, versions.get(one.key) ?? 0) })),
  );
  // Another process may have moved a document on, and released it, just before it was held again here: documents are read again.
  await ports.held.release(await reached());
}

/** A document that moved on has left its old stop behind: it now waits for the events after those that the owner gave. */
function stopAt({ appliedVersion, seenVersion }: Omit<Held, 'attempts'>, version: number): Partial<Held> {
  if (version <= appliedVersion) return { appliedVersion: version };
  const detail = `version ${version + 1}: the owner did not give this version yet, although version ${seenVersion} was seen`;
  return { appliedVersion: version, reason: 'hole', detail };
}
