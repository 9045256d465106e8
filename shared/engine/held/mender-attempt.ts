// One try to let held subjects go on: their documents as they are now, the owner's later events, the projector's own fold.
// Writes are guarded by versions and a release by the version that was reached, so two tries at once do no harm.
import { kindOf, type StoredEvent } from '../event.ts';
import { usableBase } from '../fold.ts';
import { groupBy } from '../group-by.ts';
import type { FeedItem, Held } from '../ports.ts';
import type { MenderPorts, Owner } from './mender-ports.ts';

export interface Attempt {
  readonly released: ReadonlySet<string>;
  /** Those that are held again, as they are now. */
  readonly held: ReadonlyMap<string, Held>;
  /** What kept an owner from answering, for each of its subjects. */
  readonly unanswered: ReadonlyMap<string, unknown>;
}

type Ports = Pick<MenderPorts, 'models' | 'held' | 'apply' | 'ownerOf'>;
type OwnersItem = FeedItem & { readonly event: StoredEvent };

/** How far the document of a subject is by today's fold, and whether another fold has brought it further. */
interface Standing {
  readonly version: number;
  readonly isOfOlderFold: boolean;
}

/** @param entries subjects, no places */
export async function attempt(ports: Ports, entries: readonly Held[]): Promise<Attempt> {
  const unanswered = new Map<string, unknown>();
  const byOwner = groupBy(entries, ({ key }) => ports.ownerOf(key));
  const tries = [...byOwner].map(async ([owner, own]) => {
    const keys = own.map(({ key }) => key);
    let items: OwnersItem[];
    try {
      items = await itemsFor(ports, owner, own, unanswered);
    } catch (error) {
      for (const key of keys) unanswered.set(key, error);
      return;
    }
    await ports.apply(items);
  });
  // All of them end before an error is thrown: nothing of a try is left running behind it.
  const ended = await Promise.allSettled(tries);
  for (const one of ended) if (one.status === 'rejected') throw one.reason;

  const tried = entries.filter(({ key }) => !unanswered.has(key));
  await countTries(ports, tried);
  const held = await ports.held.among(tried.map(({ key }) => key));
  return { released: new Set(tried.map(({ key }) => key).filter((key) => !held.has(key))), held, unanswered };
}

/**
 * What the owner gives for one try. A document of an older fold stays as it is until its version is reached, so what brings it
 * only a part of the way is forgotten, and the next try would begin at the same place: such a subject is read to its end.
 */
export async function itemsFor(
  ports: Pick<Ports, 'models'>,
  owner: Owner | undefined,
  entries: readonly Held[],
  unanswered: Map<string, unknown>,
): Promise<OwnersItem[]> {
  const standings = await standingsOf(
    ports,
    entries.map(({ key }) => key),
  );
  const items: OwnersItem[] = [];
  for (let positions = positionsOf(entries, standings); positions.size > 0; ) {
    const given = await laterItems(owner, positions, unanswered);
    for (const item of given) items.push(item);
    // Events come in order of version, so the last one of each subject stays.
    const reached = new Map(given.map(({ event }) => [event.subject, event.version]));
    const before = positions;
    positions = new Map(
      [...reached].filter(([key, version]) => standings.get(key)?.isOfOlderFold && version > (before.get(key) ?? 0)),
    );
  }
  return items.filter(({ event }) => !unanswered.has(event.subject));
}

/**
 * Where each was held, or before that. A try that wrote the document and ended before it released may owe its events to others
 * than the document: they are read again.
 */
function positionsOf(entries: readonly Held[], standings: ReadonlyMap<string, Standing>): ReadonlyMap<string, number> {
  return new Map(
    entries.map(({ key, appliedVersion }) => [key, Math.min(standings.get(key)?.version ?? 0, appliedVersion)]),
  );
}

/** What the owner has behind these versions. */
export async function laterItems(
  owner: Owner | undefined,
  positions: ReadonlyMap<string, number>,
  unanswered: Map<string, unknown>,
): Promise<OwnersItem[]> {
  if (!owner) return [];
  // One subject that its owner cannot answer for keeps none of the others.
  const later = await owner.readLater(positions, (key, fault) => unanswered.set(key, fault));
  return later.map((event: StoredEvent) => ({ source: 'owner', position: `${event.subject}/${event.version}`, event }));
}

/** The version of each document by today's fold; 0 where there is none yet. */
export async function versionsOf(ports: Pick<Ports, 'models'>, keys: readonly string[]) {
  return new Map([...(await standingsOf(ports, keys))].map(([key, { version }]) => [key, version]));
}

async function standingsOf({ models }: Pick<Ports, 'models'>, keys: readonly string[]) {
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
 */
async function countTries(ports: Ports, tried: readonly Held[]): Promise<void> {
  const before = new Map(tried.map(({ key, attempts }) => [key, attempts]));
  const still = await ports.held.among([...before.keys()]);
  const uncounted = [...still.values()].filter(({ key, attempts }) => attempts === before.get(key));
  if (uncounted.length === 0) return;
  const versions = await versionsOf(
    ports,
    uncounted.map(({ key }) => key),
  );
  const left = uncounted.filter(({ key, seenVersion }) => (versions.get(key) ?? 0) < seenVersion);
  await ports.held.hold(
    left.map(({ attempts: _, ...one }) => ({ ...one, ...stopAt(one, versions.get(one.key) ?? 0) })),
  );
  // Also what another process brought there and released just before it was held again here: documents are looked at after holding.
  const keys = uncounted.map(({ key }) => key);
  await ports.held.release(await versionsOf(ports, keys));
}

/** What held it before is behind it once it came further: it waits for the events behind those that the owner gave. */
function stopAt({ appliedVersion, seenVersion }: Omit<Held, 'attempts'>, version: number): Partial<Held> {
  if (version <= appliedVersion) return { appliedVersion: version };
  const detail = `version ${version + 1}: it was not given yet, and version ${seenVersion} was seen`;
  return { appliedVersion: version, reason: 'hole', detail };
}
