// The shapes of Mixpanel's exports: profiles (`$distinct_id`, `$properties`) and events (`event`, `properties`). Each is read into
// what the import needs, or refused with a word. https://developer.mixpanel.com/reference/raw-event-export
import { splitName } from '@foldline/contracts';
import { emailField, optionalNameField } from 'foldline/fastify';
import { valueField } from '../../src/identities/identity-schemas.ts';
import type { JsonObject } from './json-line.ts';
import type { Refused } from './refusal.ts';

export interface Profile {
  readonly distinctId: string;
  readonly firstName?: string;
  readonly lastName?: string;
  /** As it is spelled in the profile. */
  readonly email?: string;
  readonly createdMs?: number;
}

export interface Activity {
  readonly distinctId: string;
  readonly name: string;
  readonly timeMs: number;
  readonly insertId?: string;
  /** All that the line holds beside the event's name. */
  readonly properties: JsonObject;
}

const dayMs = 86_400_000;
const year2000Ms = Date.UTC(2000, 0, 1);
/** From here on a time is in milliseconds; as seconds it would be in the year 5138. */
const millisecondsFrom = 1e11;

export function readProfile(line: JsonObject, nowMs: number): Profile | Refused {
  const distinctId = distinctIdOf(line.$distinct_id);
  if (typeof distinctId !== 'string') return distinctId;
  if (isFlat(line)) return { refused: 'properties-missing' };
  const properties = objectOf(line.$properties);
  const email = emailOf(properties.$email);
  const created = createdOf(properties.$created, nowMs);
  return {
    distinctId,
    ...namesOf(properties),
    ...(email !== undefined && { email }),
    ...(created !== undefined && { createdMs: created }),
  };
}

export function readActivity({ event, properties: given, ...rest }: JsonObject, nowMs: number): Activity | Refused {
  const properties = { ...rest, ...objectOf(given) } as JsonObject;
  const distinctId = distinctIdOf(properties.distinct_id);
  if (typeof distinctId !== 'string') return distinctId;
  if (typeof event !== 'string' || event.trim() === '') return { refused: 'event-name-missing' };
  const timeMs = instantOf(properties.time, nowMs);
  if (typeof timeMs !== 'number') return timeMs;
  const insertId = textOf(properties.$insert_id);
  return { distinctId, name: event, timeMs, ...(insertId !== undefined && { insertId }), properties };
}

/** Its fields stand where they are not looked for, so the person would be stored without them, and nobody would be told. */
function isFlat({ $distinct_id: _, $properties: properties = null, ...others }: JsonObject): boolean {
  if (properties === null) return Object.keys(others).length > 0;
  return typeof properties !== 'object' || Array.isArray(properties);
}

/** Ids are compared as text: 42 and `"42"` are one. */
function distinctIdOf(given: unknown): string | Refused {
  if (given === undefined) return { refused: 'distinct-id-missing' };
  const read = valueField.safeParse(textOf(given));
  return read.success ? read.data : { refused: 'distinct-id-illegal' };
}

/** Text, trimmed, or a whole number as text; nothing for anything else, and for text that is empty. */
function textOf(given: unknown): string | undefined {
  if (typeof given === 'number') return Number.isSafeInteger(given) ? String(given) : undefined;
  const text = typeof given === 'string' ? given.trim() : '';
  return text === '' ? undefined : text;
}

/** Milliseconds since 1970, of seconds or milliseconds. */
function instantOf(given: unknown, nowMs: number): number | Refused {
  if (typeof given !== 'number' || !(given > 0)) return { refused: 'time-invalid' };
  const ms = Math.round(given < millisecondsFrom ? given * 1000 : given);
  if (ms < year2000Ms) return { refused: 'time-before-2000' };
  return ms > nowMs + dayMs ? { refused: 'time-ahead' } : ms;
}

/** A profile's own time is only an addition to it: one that is not understood is left out. */
function createdOf(given: unknown, nowMs: number): number | undefined {
  const ms = instantOf(typeof given === 'string' ? utcMsOf(given) : given, nowMs);
  return typeof ms === 'number' ? ms : undefined;
}

/** Mixpanel writes UTC without saying so. */
function utcMsOf(text: string): number {
  return Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}Z`);
}

/** An address must look like one: a word such as `none`, shared by thousands, would make one person of them all. */
function emailOf(given: unknown): string | undefined {
  const read = emailField.safeParse(given);
  return read.success ? read.data : undefined;
}

function namesOf(properties: JsonObject): Pick<Profile, 'firstName' | 'lastName'> {
  const firstName = nameOf(properties.$first_name);
  const lastName = nameOf(properties.$last_name);
  if (firstName !== undefined || lastName !== undefined)
    return { ...(firstName !== undefined && { firstName }), ...(lastName !== undefined && { lastName }) };
  const name = nameOf(properties.$name);
  return name === undefined ? {} : splitName(name);
}

function nameOf(given: unknown): string | undefined {
  const read = optionalNameField.safeParse(given);
  return read.success && read.data !== '' ? read.data : undefined;
}

function objectOf(given: unknown): JsonObject {
  return typeof given === 'object' && given !== null && !Array.isArray(given) ? (given as JsonObject) : {};
}
