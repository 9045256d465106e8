// Brings documents up to their events by scanning, for what a change stream cannot tell: events older than its checkpoint,
// snapshots that somebody deleted, subjects that were held. It streams over the index alone and reads only what is behind.
import type { Collection } from 'mongodb';
import { type FeedItem, kindOf, type ReadModel, type StoredEvent, usableBase } from '../../../engine/index.ts';
import { laterEvents } from '../event-store/reading.ts';
import { findEvents } from '../raw-documents.ts';

export interface CatchUpOptions {
  readonly source: string;
  readonly events: Collection<StoredEvent>;
  readonly models: readonly ReadModel[];
  readonly subjectsPerPage: number;
  /** Events that are handed over at once; more only of one subject whose document is folded anew. */
  readonly batchEventsMax: number;
}

type HandleItems = (items: readonly FeedItem[]) => Promise<void>;

/** Compares every subject's last version with its document's, a page at a time, and hands over the events that are missing. */
export async function catchUpByScanning(
  options: CatchUpOptions,
  handle: HandleItems,
  signal: AbortSignal,
): Promise<void> {
  let heads = new Map<string, number>();
  const keys = findEvents(
    options.events,
    {},
    { projection: { _id: 0, subject: 1, version: 1 }, sort: { subject: 1, version: 1 }, batchSize: 5000 },
  );
  for await (const { subject, version } of keys) {
    if (signal.aborted) return;
    // An event that was inserted around the validator may have any value here. The scan skips it; the stream holds it at its position.
    if (typeof subject !== 'string' || typeof version !== 'number') continue;
    if (heads.size >= options.subjectsPerPage && !heads.has(subject)) {
      await bringUp(options, heads, handle);
      heads = new Map();
    }
    heads.set(subject, version);
  }
  await bringUp(options, heads, handle);
}

/** The same for subjects that are known by name. */
export async function restoreSubjects(
  options: CatchUpOptions,
  subjects: readonly string[],
  handle: HandleItems,
): Promise<void> {
  await bringUp(options, new Map(subjects.map((subject) => [subject, Number.POSITIVE_INFINITY])), handle);
}

async function bringUp(
  options: CatchUpOptions,
  heads: ReadonlyMap<string, number>,
  handle: HandleItems,
): Promise<void> {
  const { source, events, models, batchEventsMax } = options;
  const behind = new Map<string, number>();
  /** The subjects with a document of an older fold: it stays as it is, and is no base for later events, until all events are folded. */
  const anew = new Set<string>();
  for (const { projection, documents } of models) {
    const subjects = [...heads.keys()].filter((subject) => kindOf(subject) === projection.kind);
    if (subjects.length === 0) continue;
    const stored = await documents.read(subjects);
    for (const subject of subjects) {
      const document = stored.get(subject);
      const version = usableBase(projection, document)?.version ?? 0;
      if (version < (heads.get(subject) ?? 0)) behind.set(subject, version);
      if (document && document.version > version) anew.add(subject);
    }
  }
  if (behind.size === 0) return;
  // Handed over in batches as they are read: what is behind may be far behind.
  const items: FeedItem[] = [];
  let last = '';
  for await (const event of laterEvents(events, behind)) {
    const isWithin = event.subject === last && anew.has(last);
    if (items.length >= batchEventsMax && !isWithin) await handle(items.splice(0));
    items.push({ source, position: `${source}#${event.subject}@${event.version}`, event });
    last = event.subject;
  }
  if (items.length > 0) await handle(items);
}
