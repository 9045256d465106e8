// A small world for the contract suites: things with a name that must be unique.
import type { ClaimRule, StoredEvent } from '../../engine/index.ts';
import { eventOf } from '../../testing/event-of.ts';
import { newSubject } from '../../testing/ids.ts';

export const nameRule: ClaimRule = {
  prefix: 'name:',
  types: ['thingNamed_v1', 'thingRemoved_v1'],
  endedBy(claim, { type, data }) {
    return type === 'thingRemoved_v1' || (type === 'thingNamed_v1' && nameClaim(String(data.name)) !== claim);
  },
};

export const newThing = () => newSubject('thing');

export function nameClaim(name: string): string {
  return `name:${name.toLowerCase()}`;
}

/** The event that names a thing, with its claim. */
export function named(subject: string, version: number, name: string, more: Partial<StoredEvent> = {}): StoredEvent {
  return eventOf({ subject, version, type: 'thingNamed_v1', data: { name }, claims: [nameClaim(name)], ...more });
}

/** The same as a stranger would write it: without a claim. */
export function namedByStranger(subject: string, version: number, name: string): StoredEvent {
  return eventOf({ subject, version, type: 'thingNamed_v1', data: { name } });
}

export function noted(subject: string, version: number, more: Partial<StoredEvent> = {}): StoredEvent {
  return eventOf({ subject, version, ...more });
}

export function removed(subject: string, version: number): StoredEvent {
  return eventOf({ subject, version, type: 'thingRemoved_v1' });
}
