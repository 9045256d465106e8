// The figures of an import, computed from its two files by code of its own: it shares nothing with the product, reads the files whole,
// and compares people and events in the plainest way there is.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

export interface OracleFigures {
  readonly people: Counts;
  readonly events: Counts;
  readonly merges: number;
  readonly withoutProfile: number;
}

type Counts = Record<'read' | 'stored' | 'repeats' | 'refused' | 'blank', number>;
type Json = Record<string, unknown>;

const nobody =
  /^(|null|undefined|none|nil|nan|n\/a|unknown|anonymous|true|false|0|-1|\[\]|\{\}|\[object object\]|0{8}-0{4}-0{4}-0{4}-0{12})$/i;

/** What a first run on an empty store comes to. */
export function oracleFigures(peopleFile: string, eventsFile: string, nowMs: number): OracleFigures {
  const people: Counts = { read: 0, stored: 0, repeats: 0, refused: 0, blank: 0 };
  const addressOf = new Map<string, string>();
  const profiles = new Set<string>();
  for (const line of linesIn(peopleFile)) {
    people.read += 1;
    const json = jsonOf(line);
    if (json === 'blank') people.blank += 1;
    else if (json === 'refused') people.refused += 1;
    else {
      const id = idIn(json.$distinct_id);
      if (id === undefined) people.refused += 1;
      else if (profiles.has(id)) people.repeats += 1;
      else {
        people.stored += 1;
        profiles.add(id);
        const email = String((json.$properties as Json | undefined)?.$email ?? '').trim();
        if (/^[^@\s]+@[^@\s]+$/.test(email)) addressOf.set(id, email.toLowerCase());
      }
    }
  }

  const events: Counts = { read: 0, stored: 0, repeats: 0, refused: 0, blank: 0 };
  const seen = new Set<string>();
  const strangers = new Set<string>();
  for (const line of linesIn(eventsFile)) {
    events.read += 1;
    const json = jsonOf(line);
    const event = json === 'blank' || json === 'refused' ? json : eventIn(json, nowMs);
    if (event === 'blank') events.blank += 1;
    else if (event === 'refused') events.refused += 1;
    else {
      if (!profiles.has(event.id)) strangers.add(event.id);
      const who = addressOf.get(event.id) ?? `id ${event.id}`;
      const key = `${event.name}|${event.ms}|${who}|${event.insertId}`;
      if (event.insertId !== undefined && seen.has(key)) events.repeats += 1;
      else events.stored += 1;
      seen.add(key);
    }
  }
  return { people, events, merges: addressOf.size - new Set(addressOf.values()).size, withoutProfile: strangers.size };
}

function linesIn(path: string): Buffer[] {
  const whole = path.endsWith('.gz') ? gunzipSync(readFileSync(path)) : readFileSync(path);
  const lines: Buffer[] = [];
  for (let from = 0; from < whole.length; ) {
    const end = whole.indexOf(10, from);
    const to = end < 0 ? whole.length : end;
    lines.push(whole.subarray(from, to > from && whole[to - 1] === 13 ? to - 1 : to));
    from = to + 1;
  }
  return lines;
}

function jsonOf(line: Buffer): Json | 'blank' | 'refused' {
  if (line.length > 256 * 1024) return 'refused';
  const text = line.toString('utf8');
  if (!Buffer.from(text, 'utf8').equals(line)) return 'refused';
  if (/^\s*$/.test(text)) return 'blank';
  // The generator writes no digits inside of strings that are so long.
  if ((text.match(/\d{16,}/g) ?? []).some((digits) => BigInt(digits) > 2n ** 53n)) return 'refused';
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Json) : 'refused';
  } catch {
    return 'refused';
  }
}

function idIn(value: unknown): string | undefined {
  const isId = typeof value === 'string' || (typeof value === 'number' && Number.isInteger(value));
  const text = String(value).trim();
  return isId && text.length <= 200 && !nobody.test(text) ? text : undefined;
}

interface OracleEvent {
  readonly id: string;
  readonly name: string;
  readonly ms: number;
  readonly insertId: unknown;
}

function eventIn(json: Json, nowMs: number): OracleEvent | 'refused' {
  const properties = (json.properties ?? {}) as Json;
  const id = idIn(properties.distinct_id);
  const { time, $insert_id: insertId } = properties;
  if (id === undefined || typeof json.event !== 'string' || json.event.trim() === '') return 'refused';
  if (typeof time !== 'number' || time <= 0) return 'refused';
  const ms = time >= 1e11 ? time : time * 1000;
  if (ms < Date.parse('2000-01-01T00:00:00Z') || ms > nowMs + 24 * 60 * 60 * 1000) return 'refused';
  return { id, name: json.event, ms, insertId };
}
