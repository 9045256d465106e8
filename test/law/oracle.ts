// What every document must be at every version, by a fold that shares nothing with the engine or the projections: a switch,
// a digest, an upcast and a canonical text of its own. It knows every event type by name and throws at others.
import { createHash } from 'node:crypto';
import type { StoredEvent } from '@foldline/shared/engine';
import { type Published, placeOf } from './delivery.ts';
import { eventsOfLife, type World } from './world.ts';

export interface Oracle {
  /** The text of a subject's document at a version from 1; undefined beyond its events. */
  at(subject: string, version: number): string | undefined;
  /** What the subject's event at `version` names. */
  named(subject: string, version: number): readonly string[];
  /** The last version of every subject that has one. */
  readonly heads: ReadonlyMap<string, number>;
}

export interface Ending {
  readonly documents: ReadonlyMap<string, string>;
  /** Subjects that still wait for an event, with the highest version that came. */
  readonly held: ReadonlyMap<string, number>;
}

type Data = Readonly<Record<string, unknown>>;
interface Draft {
  readonly state: string;
  readonly data: Data;
  readonly createdAt: Date;
  readonly time: Date;
  readonly digest: string;
}

const blank: Readonly<Record<string, Data>> = {
  user: { firstName: '', lastName: '', email: '' },
  category: { title: '' },
  item: { title: '', price: 0, categoryId: '', sellerId: '' },
  order: { customerId: '', lines: [] },
};

export function askOracle(world: World): Oracle {
  const lives = new Map(world.map((life) => [life.subject, eventsOfLife(life)]));
  const texts = new Map([...lives].map(([subject, events]) => [subject, textsOf(events)]));
  const targets = new Map([...lives].map(([subject, events]) => [subject, events.map(targetsOf)]));
  return {
    at: (subject, version) => texts.get(subject)?.[version - 1],
    named: (subject, version) => targets.get(subject)?.[version - 1] ?? [],
    heads: new Map([...lives].flatMap(([subject, { length }]) => (length > 0 ? [[subject, length]] : []))),
  };
}

/** How it must end: each subject as far as its events came in order, a placeholder for whatever those name besides. */
export function endingOf(oracle: Oracle, { partitions, broken }: Published, owned: (event: StoredEvent) => boolean) {
  const reached = new Map<string, number>();
  for (const event of partitions.flat()) {
    const { subject, version } = event;
    const before = reached.get(subject) ?? 0;
    if (version === before + 1 && !broken.has(placeOf(event))) reached.set(subject, version);
    else if (version > before + 1 && owned(event))
      reached.set(subject, upToBroken(subject, before, oracle.heads.get(subject) ?? 0, broken));
  }
  return ending(oracle, reached);
}

/** How it must end once everything was mended. */
export function mendedEndingOf(oracle: Oracle): Ending {
  return ending(oracle, oracle.heads);
}

function ending(oracle: Oracle, reached: ReadonlyMap<string, number>): Ending {
  const documents = new Map<string, string>();
  for (const [subject, last] of reached) {
    for (let version = 1; version <= last; version += 1) {
      for (const target of oracle.named(subject, version)) {
        if (!documents.has(target))
          documents.set(target, textOf({ _id: target, version: 0, state: 'notYetAvailable' }));
      }
    }
  }
  for (const [subject, last] of reached) if (last > 0) documents.set(subject, oracle.at(subject, last) ?? '');
  const held = [...oracle.heads].filter(([subject, head]) => (reached.get(subject) ?? 0) < head);
  return { documents, held: new Map(held) };
}

function upToBroken(subject: string, from: number, head: number, broken: ReadonlySet<string>): number {
  let version = from;
  while (version < head && !broken.has(`${subject}@${version + 1}`)) version += 1;
  return version;
}

function textsOf(events: readonly StoredEvent[]): string[] {
  let draft: Draft | undefined;
  return events.map((event) => {
    const { id, type, subject, version, time } = event;
    const change = changeOf(event, draft);
    draft = {
      state: change?.state ?? draft?.state ?? 'notYetAvailable',
      data: { ...(draft?.data ?? blank[subject.slice(0, subject.indexOf('-'))]), ...change?.data },
      createdAt: draft?.createdAt ?? time,
      time: change || !draft ? time : draft.time,
      digest: createHash('sha256')
        .update([draft?.digest ?? '', id, type, version].join('\n'))
        .digest('hex'),
    };
    const { digest: eventsDigest, ...rest } = draft;
    return textOf({ _id: subject, version, ...rest, lastEventId: id, eventsDigest, foldVersion: 1 });
  });
}

/** Undefined for an event that moves the version on and nothing else. */
function changeOf({ type, data }: StoredEvent, before: Draft | undefined): { state: string; data: Data } | undefined {
  const only = (...fields: string[]) => Object.fromEntries(fields.map((field) => [field, data[field]]));
  const set = (field: string) => ({ state: before?.state === 'removed' ? 'removed' : 'available', data: only(field) });
  switch (type) {
    case 'userCreated_v1':
      return { state: 'available', data: { ...splitAtLastSpace(String(data.name)), email: data.email } };
    case 'userCreated_v2':
      return { state: 'available', data: only('firstName', 'lastName', 'email') };
    case 'categoryCreated_v1':
      return { state: 'available', data: only('title') };
    case 'itemAdded_v1':
      return { state: 'available', data: only('title', 'price', 'categoryId', 'sellerId') };
    case 'orderPlaced_v1':
      return { state: 'available', data: only('customerId', 'lines') };
    case 'userFirstNameChanged_v1':
      return set('firstName');
    case 'userLastNameChanged_v1':
      return set('lastName');
    case 'userEmailChanged_v1':
      return set('email');
    case 'categoryTitleChanged_v1':
    case 'itemTitleChanged_v1':
      return set('title');
    case 'itemPriceChanged_v1':
      return set('price');
    case 'itemMovedToCategory_v1':
      return set('categoryId');
    case 'userDeleted_v1':
    case 'categoryRemoved_v1':
    case 'itemRemoved_v1':
      return { state: 'removed', data: {} };
    case 'userNicknamed_v1':
    case 'categoryPinned_v2':
    case 'orderPraised_v1':
      return undefined;
  }
  throw new Error(`the oracle does not know the event type ${type}`);
}

function targetsOf({ type, data }: StoredEvent): string[] {
  if (type === 'itemMovedToCategory_v1') return [`category-${data.categoryId}`];
  if (type === 'itemAdded_v1') return [`category-${data.categoryId}`, `user-${data.sellerId}`];
  if (type !== 'orderPlaced_v1') return [];
  return [`user-${data.customerId}`, ...(data.lines as { itemId: string }[]).map(({ itemId }) => `item-${itemId}`)];
}

function splitAtLastSpace(name: string): { firstName: string; lastName: string } {
  const found = /^(.*\S)\s+(\S+)$/su.exec(name.trim());
  return { firstName: found?.[1] ?? name.trim(), lastName: found?.[2] ?? '' };
}

/** Canonical text: keys in order, dates as RFC 3339. */
export function textOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(textOf).join()}]`;
  // A clone's dates may belong to another realm, so `instanceof` does not know them.
  if (value === null || typeof value !== 'object' || 'toJSON' in value) return JSON.stringify(value);
  const record = value as Record<string, unknown>;
  const keys = Object.keys(record).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${textOf(record[key])}`).join()}}`;
}
