// `/origin/<kind>/…`: what every service with a store answers to the services that copy from it. The events of a subject, all events
// of a kind, how far its snapshots are, how many there are, and digests of them. Nothing here changes anything.
import { z } from 'zod';
import { copyFiguresIn, findEvents, newestIn } from '../../adapters/mongodb/index.ts';
import { Failure, isSubject, kindOf, lostTextOf, readEnvelope, type StoredEvent } from '../../engine/index.ts';
import {
  afterVersionQuery,
  badCursor,
  defaultLimits,
  type HttpApp,
  pageFields,
  readPage,
  sendPage,
} from '../../http/index.ts';
import {
  addBucketRoute,
  addFiguresRoute,
  type BucketSides,
  type CopyFigures,
  shownMax,
} from '../../operations/index.ts';
import type { StoredPosition } from '../../running/index.ts';
import { isPublished } from '../declaration.ts';
import type { OpenModel } from '../models.ts';
import type { OpenStore, Parts } from '../parts.ts';
import { eventsBody, type NewestBody, newestBody } from './protocol.ts';

export interface OwnedKind {
  readonly kind: string;
  readonly store: OpenStore;
  /** The snapshots that this service keeps of the kind; undefined when it keeps none. */
  readonly model: OpenModel | undefined;
  /** Whether the snapshots have every event that the feed does not bring. */
  complete(): boolean;
  /** Undefined where the kind has no form that others compare by. */
  readonly buckets: BucketSides | undefined;
}

type Held = Pick<Parts, 'held'>;

const tags = ['origin'];

export function addOriginRoutes(app: HttpApp, held: Held, owned: readonly OwnedKind[]): void {
  for (const one of owned) {
    addNewestRoute(app, held, one);
    addEventsRoute(app, one);
    if (one.model)
      addFiguresRoute(app, one.kind, () => figuresOf(one.model as OpenModel), `/origin/${one.kind}/figures`);
    if (one.buckets) addBucketRoute(app, one.kind, one.buckets, `/origin/${one.kind}/digests`);
  }
}

/** How many snapshots are published, and the sum of their versions. */
export function figuresOf({ collection, declaration }: OpenModel): Promise<CopyFigures> {
  return copyFiguresIn(collection, isPublished(declaration.projection), defaultLimits.handlerTimeoutMs);
}

/** What the owner says of its snapshots; asked by the clients' readiness and by their resyncs. */
export async function newestOf(
  { held }: Held,
  { kind, store: { events, kinds }, complete }: OwnedKind,
): Promise<NewestBody> {
  // Where a store has one kind only, the newest event of the collection is found at once.
  const ofKind = kinds.length > 1 ? kind : undefined;
  const [newest, list] = await Promise.all([newestIn(events, { kind: ofKind }), held.list(shownMax)]);
  const keys = list.map(({ key }) => key);
  // An event that holds its subject never comes to a snapshot.
  const newestUnheld =
    newest && keys.includes(newest.subject) ? await newestIn(events, { kind: ofKind, besides: keys }) : newest;
  return {
    newest: positionOf(newest),
    newestUnheld: positionOf(newestUnheld),
    complete: complete(),
    held: list.filter(({ key }) => kindOf(key) === kind).map(({ key, seenVersion }) => ({ key, seenVersion })),
    moreHeld: list.length >= shownMax,
  };
}

const positionOf = (position: StoredPosition | undefined) =>
  position ? { subject: position.subject, version: position.version } : null;

function addNewestRoute(app: HttpApp, held: Held, owned: OwnedKind): void {
  app.get(
    `/origin/${owned.kind}/newest`,
    {
      config: { policy: 'read' },
      schema: {
        tags,
        summary: `The newest event of a ${owned.kind}, and how far the snapshots are`,
        response: { 200: newestBody },
      },
    },
    () => newestOf(held, owned),
  );
}

const eventsQuery = z
  .strictObject({
    ...pageFields,
    subject: z
      .string()
      .refine(isSubject, { error: 'It must be <kind>-<uuid>.' })
      .optional()
      .describe('Of this subject only; of all subjects of the kind, in order of subject and version, unless given'),
    afterVersion: afterVersionQuery.optional().describe('Of the subject only the events after this version'),
  })
  .refine(({ subject, afterVersion }) => afterVersion === undefined || subject !== undefined, {
    error: 'It needs ?subject: versions of several subjects are not compared.',
    path: ['afterVersion'],
  });

function addEventsRoute(app: HttpApp, { kind, store: { store, events } }: OwnedKind): void {
  app.get(
    `/origin/${kind}/events`,
    {
      config: { policy: 'read' },
      schema: {
        tags,
        summary: `Events of a ${kind} as they are stored, or of all`,
        querystring: eventsQuery,
        response: { 200: eventsBody },
      },
    },
    async (request, reply) => {
      const { subject, afterVersion = 0 } = request.query;
      const { limit, after } = readPage(request, 'string');
      if (subject === undefined) {
        const { page, next } = await eventsFrom(
          events,
          kind,
          after === undefined ? undefined : placeIn(after, kind),
          limit,
        );
        return sendPage(reply, request, page.map(presented), next);
      }
      if (kindOf(subject) !== kind) throw new Failure('invalid-request', `?subject is no ${kind}: ${subject}.`);
      const from = after === undefined ? afterVersion : versionIn(after, subject);
      // A subject without events has an empty page: a 404 says that the owner does not know these routes.
      const found = await store.read(subject, { afterVersion: from, limit: limit + 1 });
      const page = found.slice(0, limit);
      const last = found.length > limit ? page.at(-1) : undefined;
      return sendPage(reply, request, page.map(presented), last ? `${subject}@${last.version}` : null);
    },
  );
}

/** All events of a kind after a place, in order of subject and version: a range of one index. */
async function eventsFrom(events: OpenStore['events'], kind: string, place: StoredPosition | undefined, limit: number) {
  // The character after the hyphen ends the range.
  const ofKind = { $gt: `${kind}-`, $lt: `${kind}.` };
  const later = place
    ? {
        $or: [
          { subject: place.subject, version: { $gt: place.version } },
          { subject: { ...ofKind, $gt: place.subject } },
        ],
      }
    : { subject: ofKind };
  const found = await findEvents(events, later, { projection: { _id: 0 } })
    .sort({ subject: 1, version: 1 })
    .limit(limit + 1)
    .toArray();
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : undefined;
  return {
    // The range also holds kinds whose names begin with this one. An event without a valid envelope is left out: no fold can read it.
    page: page.filter((event) => kindOf(String(event.subject)) === kind && 'event' in readEnvelope(event)),
    next: last ? `${ofAll}${last.subject}@${last.version}` : null,
  };
}

/** The first character of each place in the list of all subjects; no place in the list of one subject begins with it. */
const ofAll = '*';

/** @throws Failure `invalid-request` for a place of another list */
function placeIn(place: string, kind: string): StoredPosition {
  const [, subject = '', version] = /^\*(.+)@(\d+)$/.exec(place) ?? [];
  // The place may be that of an event which is left out of the page, because the name of its kind only begins with this one.
  if (!subject.startsWith(`${kind}-`)) throw badCursor();
  return { subject, version: Number(version) };
}

/** @throws Failure `invalid-request` for a place of another list */
function versionIn(place: string, subject: string): number {
  const version = place.startsWith(`${subject}@`) ? place.slice(subject.length + 1) : '';
  if (!/^\d+$/.test(version)) throw badCursor();
  return Number(version);
}

/** Of an event whose text is lost only the envelope is shown: a copy must not take U+FFFD for data. */
function presented({ claims: _, request: __, ...event }: StoredEvent) {
  const unreadable = lostTextOf(event);
  return unreadable === undefined ? event : { ...event, data: {}, unreadable };
}
