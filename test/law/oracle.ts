// What every document must be at every version, by a fold that shares nothing with the engine or the projections: a switch,
// a digest, an upcast and a canonical text of its own. It knows every event type by name and throws at others.
import { createHash } from 'node:crypto';
import type { StoredEvent } from '@foldline/shared/engine';
import { textOf } from './canonical-text.ts';
import { type Published, placeOf } from './delivery.ts';
import { type Entry, heldBy, ledgerText, type Since, sinceWhen } from './oracle-ledger.ts';
import { eventsOfLife, type World } from './world.ts';

export interface Oracle {
  /** The text of a subject's document at a version from 1; undefined beyond its events. */
  at(subject: string, version: number): string | undefined;
  /** What the subject's event at `version` names. */
  named(subject: string, version: number): readonly string[];
  /** What the subject's document at `version` refers to, and since when. */
  references(subject: string, version: number): readonly Since[];
  /** Undefined for a subject without events. */
  state(subject: string, version: number): string | undefined;
  /** The last version of every subject that has one. */
  readonly heads: ReadonlyMap<string, number>;
}

export interface Ending {
  readonly documents: ReadonlyMap<string, string>;
  /** Subjects that still wait for an event, with the highest version that came. */
  readonly held: ReadonlyMap<string, number>;
  /** Every reference of every document, with the state that its target gives it. */
  readonly ledger: string;
}

type Data = Readonly<Record<string, unknown>>;
interface Folded {
  readonly state: string;
  readonly references: readonly Since[] | undefined;
  readonly text: string;
}
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
  const folded = new Map([...lives].map(([subject, events]) => [subject, foldedOf(events)]));
  const targets = new Map([...lives].map(([subject, events]) => [subject, events.map(targetsOf)]));
  return {
    at: (subject, version) => folded.get(subject)?.[version - 1]?.text,
    references: (subject, version) => folded.get(subject)?.[version - 1]?.references ?? [],
    state: (subject, version) => folded.get(subject)?.[version - 1]?.state,
    named: (subject, version) => targets.get(subject)?.[version - 1] ?? [],
    heads: new Map([...lives].flatMap(([subject, { length }]) => (length > 0 ? [[subject, length]] : []))),
  };
}

/** How it must end: each subject as far as its events came in order, a placeholder for whatever those name besides. */
export function endingOf(
  oracle: Oracle,
  { partitions, broken }: Published,
  owned: (event: StoredEvent) => boolean,
): Ending {
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

/** How it must end once the owners were asked for all that is missing, but for what is broken there too. */
export function mendedEndingOf(oracle: Oracle, broken: ReadonlySet<string>): Ending {
  return ending(
    oracle,
    new Map([...oracle.heads].map(([subject, head]) => [subject, upToBroken(subject, 0, head, broken)])),
  );
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
  return { documents, held: new Map(held), ledger: ledgerText([...reached].flatMap(entriesOf)) };

  function entriesOf([referrer, version]: [string, number]): Entry[] {
    const stateOf = (target: string) => oracle.state(target, reached.get(target) ?? 0);
    return oracle.references(referrer, version).map((one) => ({ referrer, ...one, targetState: stateOf(one.target) }));
  }
}

function upToBroken(subject: string, from: number, head: number, broken: ReadonlySet<string>): number {
  let version = from;
  while (version < head && !broken.has(`${subject}@${version + 1}`)) version += 1;
  return version;
}

function foldedOf(events: readonly StoredEvent[]): Folded[] {
  const drafts = draftsOf(events);
  const references = sinceWhen(
    drafts.map(({ state, data }, i) => heldBy(events[i]?.subject ?? '', state, data)),
    events,
  );
  return events.map(({ id, subject, version }, i) => {
    const { digest: eventsDigest, ...rest } = drafts[i] as Draft;
    const refers = /^(item|order)-/.test(subject);
    const common = { _id: subject, version, ...rest, lastEventId: id, eventsDigest };
    const document = refers ? { ...common, references: references[i], foldVersion: 2 } : { ...common, foldVersion: 1 };
    return { state: rest.state, references: refers ? references[i] : undefined, text: textOf(document) };
  });
}

function draftsOf(events: readonly StoredEvent[]): Draft[] {
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
    return draft;
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
    case 'itemStarred_v1':
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
