// The lives that a random world is made of: what happened to each subject, in order, and the events that these happenings become.
import type { StoredEvent } from 'foldline/engine';

/** One event without its place: the version is its index in the subject, so that any event can be left out. */
export interface Happening {
  readonly id: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly afterMs: number;
}

export interface Life {
  readonly subject: string;
  readonly events: readonly Happening[];
}

export type World = readonly Life[];

const firstMs = Date.UTC(2026, 0, 1);

/** The subject's events in order, each in its place. */
export function eventsOfLife({ subject, events }: Life): StoredEvent[] {
  let time = firstMs;
  return events.map(({ id, type, data, afterMs }, i) => {
    time += afterMs;
    const source = subject.startsWith('user-') ? '/user-service' : '/shopping-service';
    return { specversion: '1.0', id, source, type, subject, version: i + 1, time: new Date(time), data };
  });
}
