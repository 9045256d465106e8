// Reads the envelope of an event that a topic or another service sent, and refuses a value that no document could hold: a driver would
// refuse the value much later, at a write that is tried again for ever.

import { type StoredEvent, stemOf } from './event.ts';
import { extensionsOf } from './extensions.ts';
import { shown } from './shown.ts';

/** MongoDB takes 200 levels of a document; the event and the document around its data need some of them. */
export const dataLevelsMax = 150;

/** @returns what is wrong with the value, to be read after its name; undefined when nothing is. It looks no deeper than the limit. */
export function unstorableIn(value: object, levels: number = dataLevelsMax): string | undefined {
  if (!isPlain(value)) return undefined;
  if (levels === 0) return `nests deeper than ${dataLevelsMax} levels`;
  for (const [key, member] of Object.entries(value)) {
    // The driver takes an object with the key `_bsontype` for one of its own types.
    if (key.includes('\0') || key === '_bsontype') return `has the key ${shown(key)}, which no document may have`;
    const fault = typeof member === 'object' && member !== null ? unstorableIn(member, levels - 1) : undefined;
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Dates, ids and bytes that a driver has read have no members of their own to be looked at. */
function isPlain(value: object): boolean {
  if (Array.isArray(value)) return true;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

export type EnvelopeReading = { event: StoredEvent } | { fault: string };

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const subjectForm = /^[a-z][a-z0-9-]*-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** Whether a text has the form `<kind>-<uuid>`: nothing else can have events. */
export function isSubject(text: string): boolean {
  return subjectForm.test(text);
}

const rfc3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

/**
 * Total: whatever the value is, it is an event or has a fault. A fault is bounded, and shows no more of a value than the beginning of a
 * text.
 *
 * @returns the event with `time` as a Date (milliseconds; finer fractions are cut), or a sentence naming the faulty field.
 * Unknown attributes are dropped: CloudEvents lets anybody add extension attributes. So are malformed declared ones.
 */
export function readEnvelope(value: unknown): EnvelopeReading {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { fault: 'the value is no JSON object' };
  const v = value as Record<string, unknown>;
  if (v.specversion !== '1.0') return fault('specversion', v.specversion, '"1.0"');
  if (typeof v.id !== 'string' || !uuid.test(v.id)) return fault('id', v.id, 'a UUID');
  if (typeof v.source !== 'string' || v.source === '') return fault('source', v.source, 'a URI reference');
  if (typeof v.type !== 'string' || stemOf(v.type) === undefined) return fault('type', v.type, '<stem>_v<n>');
  if (typeof v.subject !== 'string' || !subjectForm.test(v.subject))
    return fault('subject', v.subject, '<kind>-<uuid>');
  if (!Number.isSafeInteger(v.version) || (v.version as number) < 1)
    return fault('version', v.version, 'an integer from 1');
  const time = readTime(v.time);
  if (!time) return fault('time', v.time, 'an RFC 3339 time');
  if (typeof v.data !== 'object' || v.data === null || Array.isArray(v.data)) return fault('data', v.data, 'an object');
  const unstorable = unstorableIn(v.data);
  if (unstorable !== undefined) return { fault: `data ${unstorable}` };
  for (const name of ['correlationid', 'causationid'] as const) {
    if (v[name] !== undefined && typeof v[name] !== 'string') return fault(name, v[name], 'a string, or absent');
  }
  return {
    event: {
      specversion: '1.0',
      id: v.id,
      source: v.source,
      type: v.type,
      subject: v.subject,
      version: v.version as number,
      time,
      ...(v.correlationid !== undefined && { correlationid: v.correlationid as string }),
      ...(v.causationid !== undefined && { causationid: v.causationid as string }),
      ...extensionsOf(v),
      data: v.data as Record<string, unknown>,
      ...(isTexts(v.claims) && { claims: v.claims }),
      ...(isRequest(v.request) && { request: v.request }),
    },
  };
}

function readTime(value: unknown): Date | undefined {
  const time =
    value instanceof Date ? value : typeof value === 'string' && rfc3339.test(value) ? new Date(value) : undefined;
  if (!time || Number.isNaN(time.getTime())) return undefined;
  // Four digits of a year are all that RFC 3339 can write.
  return time.getUTCFullYear() >= 0 && time.getUTCFullYear() <= 9999 ? time : undefined;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function isRequest(value: unknown): value is NonNullable<StoredEvent['request']> {
  if (typeof value !== 'object' || value === null) return false;
  const { digest, lastVersion } = value as Record<string, unknown>;
  return typeof digest === 'string' && Number.isSafeInteger(lastVersion);
}

function fault(field: string, value: unknown, wanted: string): EnvelopeReading {
  return { fault: `${field} is ${shown(value)}, expected ${wanted}` };
}
