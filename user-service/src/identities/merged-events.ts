// The events of several users who are one, as one list: by time, but never against the versions of a subject.
import { type EventStore, groupBy, idOf, type StoredEvent } from 'foldline/engine';
import { badCursor } from 'foldline/fastify';

/** Events that are read for one page. */
const readEventsMax = 2000;

/** The highest version of each member that was shown already. */
export type Shown = ReadonlyMap<string, number>;

/**
 * Always takes the earliest of the next events of all streams, so that each event comes once and no clock can reorder a stream.
 * A page of many streams is shorter, because any one of the streams may hold the whole page.
 * @returns up to `limitMax` events, and what was shown with them; undefined when these were the last
 */
export async function mergedEvents(
  store: Pick<EventStore, 'readNext'>,
  shown: Shown,
  limitMax: number,
): Promise<{ readonly events: readonly StoredEvent[]; readonly next: Shown | undefined }> {
  const limit = Math.max(1, Math.min(limitMax, Math.floor(readEventsMax / shown.size) - 1));
  // Any one of the streams may hold all of this page, and the event after it.
  const streams = [...groupBy(await store.readNext(shown, limit + 1), ({ subject }) => subject).values()];
  const places = streams.map(() => 0);
  const events: StoredEvent[] = [];
  while (events.length <= limit) {
    let earliest: { readonly event: StoredEvent; readonly stream: number } | undefined;
    for (const [stream, its] of streams.entries()) {
      const event = its[places[stream] ?? 0];
      if (event && (!earliest || isBefore(event, earliest.event))) earliest = { event, stream };
    }
    if (!earliest) return { events, next: undefined };
    places[earliest.stream] = (places[earliest.stream] ?? 0) + 1;
    events.push(earliest.event);
  }
  const page = events.slice(0, limit);
  return {
    events: page,
    next: new Map([...shown, ...page.map(({ subject, version }) => [subject, version] as const)]),
  };
}

function isBefore(a: StoredEvent, b: StoredEvent): boolean {
  return a.time < b.time || (a.time.getTime() === b.time.getTime() && a.subject < b.subject);
}

/** The random end of a UUID keeps a cursor short. Ids that others made may end alike. */
const tag = (subject: string) => subject.slice(-12);

export function cursorOf(shown: Shown): string {
  const tags = [...shown.keys()].map(tag);
  const nameOf = (subject: string) =>
    tags.indexOf(tag(subject)) === tags.lastIndexOf(tag(subject)) ? tag(subject) : idOf(subject);
  return [...shown].flatMap(([subject, version]) => (version > 0 ? [`${nameOf(subject)}.${version}`] : [])).join('~');
}

/** A member that joined after the cursor is shown from the beginning; one that left is not shown. @throws Failure `invalid-request` */
export function shownBefore(members: readonly string[], cursor: string | undefined): Shown {
  const parts =
    cursor === undefined ? [] : cursor.split('~').map((part) => /^([0-9a-f-]{12,36})\.(\d{1,16})$/.exec(part));
  const versions = new Map(
    parts.map((part) => {
      if (!part?.[1]) throw badCursor();
      return [part[1], Number(part[2])];
    }),
  );
  const versionOf = (subject: string) => versions.get(idOf(subject)) ?? versions.get(tag(subject)) ?? 0;
  return new Map([...members].sort().map((subject) => [subject, versionOf(subject)]));
}
