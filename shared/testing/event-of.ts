// Builds whole events from the parts that a test is about.
import { randomUUID } from 'node:crypto';
import type { StoredEvent } from '../engine/index.ts';

export type EventParts = Partial<StoredEvent> & { readonly subject: string };

const firstMs = Date.UTC(2026, 0, 1);

/** An event at version 1 unless told, a second after its predecessor, with an id of its own. */
export function eventOf(parts: EventParts): StoredEvent {
  const version = parts.version ?? 1;
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: '/test',
    type: 'thingNoted_v1',
    version,
    time: new Date(firstMs + version * 1000),
    data: {},
    ...parts,
  };
}

/** Events `from`, `from` + 1 … of one subject, one for each of `parts`. */
export function eventsOf(
  subject: string,
  parts: readonly Omit<EventParts, 'subject' | 'version'>[],
  from = 1,
): StoredEvent[] {
  return parts.map((part, i) => eventOf({ ...part, subject, version: from + i }));
}
