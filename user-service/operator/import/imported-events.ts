// The events that an import stores, with ids that follow from the files: a second run makes the same ones, so that what was stored
// before a kill is told from a repeat.
import { createHash } from 'node:crypto';
import { idOfName, idOfNameAt } from 'foldline/config';
import { canonicalJson, type StoredEvent } from 'foldline/engine';
import { identityClaim } from '../../src/identities/identity.ts';
import { emailClaim } from '../../src/users/user.ts';
import type { Person } from './identity-map.ts';
import type { Activity } from './mixpanel.ts';

/** What tells one import from another, and stays the same however often it is begun. */
export interface Import {
  readonly id: string;
  /** Of the identities that its distinct ids are. */
  readonly kind: string;
  readonly dedupeByContent: boolean;
  /** Of its first run: what is "ahead" or "now" does not move while it is repeated. */
  readonly startedAt: Date;
}

export const conversationOf = ({ id }: Pick<Import, 'id'>) => ({ correlationid: `import-${id}` });

const nameIn = ({ id }: Pick<Import, 'id'>, ...name: readonly (string | number)[]) =>
  JSON.stringify(['import', id, ...name]);
const idIn = (of: Pick<Import, 'id'>, ...name: readonly (string | number)[]) => idOfName(nameIn(of, ...name));

/** The subject that a person gets who is not known yet. */
export const subjectIn = (of: Import, distinctId: string) => `user-${idIn(of, 'person', of.kind, distinctId)}`;
export const activityIdIn = (of: Import, line: number) => idIn(of, 'line', line);
/** In order of time among all merges, which the order of gaps follows; one user may be merged for several addresses. */
export const mergeIdIn = (of: Import, absorbed: string, address: string) =>
  idOfNameAt(of.startedAt, nameIn(of, 'merge', absorbed, address));

type Placed = Pick<StoredEvent, 'id' | 'type' | 'subject' | 'version' | 'time' | 'data'>;

function imported(of: Import, placed: Placed, claims: readonly string[]): StoredEvent {
  return {
    specversion: '1.0',
    source: '/user-service',
    ...placed,
    ...conversationOf(of),
    ...(claims[0] && { claims }),
  };
}

/** @param address whether the event carries the person's address, which its first bearer alone does */
export function personEvents(of: Import, person: Person, { address }: { readonly address: boolean }): StoredEvent[] {
  const { subject, distinctId, profile, sinceMs } = person;
  const time = new Date(Math.min(sinceMs, of.startedAt.getTime()));
  const { firstName, lastName, email: known } = profile ?? {};
  const email = address ? known : undefined;
  const data = {
    ...(firstName !== undefined && { firstName }),
    ...(lastName !== undefined && { lastName }),
    ...(email !== undefined && { email }),
  };
  const placed = (n: number, type: string, about: Placed['data']) => ({
    id: idIn(of, 'person', of.kind, distinctId, n),
    type,
    subject,
    version: n,
    time,
    data: about,
  });
  const identity = { kind: of.kind, value: distinctId };
  return [
    imported(of, placed(1, 'userImported_v1', data), email === undefined ? [] : [emailClaim(email)]),
    imported(of, placed(2, 'userIdentityAdded_v1', identity), [identityClaim(identity.kind, identity.value)]),
  ];
}

export interface ActivityLine {
  readonly number: number;
  readonly value: Activity;
}

/** @param person who it is of, whichever of their ids the line names */
export function activityClaim(of: Import, person: string, { number, value }: ActivityLine): string {
  const { name, timeMs, insertId, properties } = value;
  return `activity:${createHash('sha256').update(identityOf()).digest('hex')}`;

  function identityOf(): string {
    if (insertId !== undefined) return JSON.stringify([name, timeMs, person, insertId]);
    if (!of.dedupeByContent) return JSON.stringify([of.id, number]);
    // Who and when are compared already, whichever id the line names and in whichever unit it tells the time.
    const { distinct_id: _, time: __, ...content } = properties;
    return JSON.stringify([name, timeMs, person, { content: canonicalJson(asStored(content)) }]);
  }
}

/** A lone surrogate has no canonical text, and no UTF-8: the store holds U+FFFD in its place. */
function asStored(value: unknown): unknown {
  if (typeof value === 'string') return Buffer.from(value, 'utf8').toString('utf8');
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(asStored);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [asStored(key), asStored(one)]));
}

export function activityEvent(
  of: Import,
  { number, value }: ActivityLine,
  { subject, version, claim }: { readonly subject: string; readonly version: number; readonly claim: string },
): StoredEvent {
  const { name, properties, insertId, timeMs } = value;
  const data = { name, properties, ...(insertId !== undefined && { insertId }) };
  const placed = {
    id: activityIdIn(of, number),
    type: 'activityRecorded_v1',
    subject,
    version,
    time: new Date(timeMs),
  };
  return imported(of, { ...placed, data }, [claim]);
}
