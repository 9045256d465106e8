// What every event store checks and repairs before it stores: versions that follow each other, a size, and time that runs forwards.
import type { StoredEvent } from './event.ts';
import { Failure } from './failure.ts';
import { lostTextOf } from './lost-text.ts';

/**
 * @param bytesOf measures an event as this store keeps it
 * @throws Failure `too-large`, `invalid-request` for text that no consumer could fold; Error when there is no event, or a subject's versions do not follow each other
 */
export function checkMembers(
  members: readonly StoredEvent[],
  bytesMax: number,
  bytesOf: (event: StoredEvent) => number,
): void {
  if (members.length === 0) throw new Error('An append needs at least one event.');
  const next = new Map<string, number>();
  for (const event of members) {
    const expected = next.get(event.subject) ?? event.version;
    if (event.version !== expected)
      throw new Error(`${event.subject}: version ${event.version} does not follow ${expected - 1}.`);
    next.set(event.subject, event.version + 1);
    const lost = lostTextOf(event);
    if (lost !== undefined)
      throw new Failure('invalid-request', `${event.type} for ${event.subject}: ${lost}. Correct the text.`);
    const bytes = bytesOf(event);
    if (bytes > bytesMax) {
      throw new Failure(
        'too-large',
        `The event would be ${bytes} bytes; at most ${bytesMax} are stored. Send less in one request.`,
      );
    }
  }
}

/** The events with `time` raised to that of their predecessor where a clock went back; `floors` holds each subject's last time. */
export function inTimeOrder(members: readonly StoredEvent[], floors: ReadonlyMap<string, Date>): StoredEvent[] {
  const latest = new Map(floors);
  return members.map((event) => {
    const floor = latest.get(event.subject);
    const placed = floor && floor > event.time ? { ...event, time: floor } : event;
    latest.set(event.subject, placed.time);
    return placed;
  });
}
