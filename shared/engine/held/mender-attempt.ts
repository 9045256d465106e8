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

/** @param entries subjects, no places */
export async function attempt(ports: Ports, entries: readonly Held[]): Promise<Attempt> {
  const unanswered = new Map<string, unknown>();
  const byOwner = groupBy(entries, ({ key }) => ports.ownerOf(key));
  const tries = [...byOwner].map(async ([owner, own]) => {
    const keys = own.map(({ key }) => key);
    let items: FeedItem[];
    try {
      items = await laterItems(owner, await positionsOf(ports, own), unanswered);
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
 * Where each was held, or before that. A try that wrote the document and ended before it released may owe its events to others
 * than the document: they are read again.
 */
async function positionsOf(
  ports: Pick<Ports, 'models'>,
  entries: readonly Held[],
): Promise<ReadonlyMap<string, number>> {
  const versions = await versionsOf(
    ports,
    entries.map(({ key }) => key),
  );
  return new Map(entries.map(({ key, appliedVersion }) => [key, Math.min(versions.get(key) ?? 0, appliedVersion)]));
}

/** What the owner has behind these versions. */
export async function laterItems(
  owner: Owner | undefined,
  positions: ReadonlyMap<string, number>,
  unanswered: Map<string, unknown>,
): Promise<FeedItem[]> {
  if (!owner) return [];
  // One subject that its owner cannot answer for keeps none of the others.
  const later = await owner.readLater(positions, (key, fault) => unanswered.set(key, fault));
  return later.map((event: StoredEvent) => ({ source: 'owner', position: `${event.subject}/${event.version}`, event }));
}

/** The version of each document by today's fold; 0 where there is none yet. */
export async function versionsOf({ models }: Pick<Ports, 'models'>, keys: readonly string[]) {
  const versions = new Map(keys.map((key) => [key, 0]));
  const byKind = groupBy(keys, kindOf);
  await Promise.all(
    models.map(async ({ projection, documents }) => {
      const own = byKind.get(projection.kind);
      if (!own) return;
      for (const [key, document] of await documents.read(own)) {
        versions.set(key, usableBase(projection, document)?.version ?? 0);
      }
    }),
  );
  return versions;
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
