// What every document must be at every version, and what must be read of all of them in the end, by code that shares nothing with
// the engine, the projections or the reads of the shop.
import type { StoredEvent } from 'foldline/engine';
import { textOf } from './canonical-text.ts';
import { type Published, placeOf } from './delivery.ts';
import { eventsOfLife, type World } from './lives.ts';
import { type Draft, draftsOf } from './oracle-fold.ts';
import { type Entry, heldBy, ledgerText, type Since, sinceWhen } from './oracle-ledger.ts';
import { peopleOf, type Shown } from './oracle-people.ts';

export interface Oracle {
  /** The text of a subject's document at a version from 1; undefined beyond its events. */
  at(subject: string, version: number): string | undefined;
  /** What the subject's event at `version` names. */
  named(subject: string, version: number): readonly string[];
  /** What the subject's document at `version` refers to, and since when. */
  references(subject: string, version: number): readonly Since[];
  /** What readers see of it; undefined for a subject without events. */
  shown(subject: string, version: number): Shown | undefined;
  /** The last version of every subject that has one. */
  readonly heads: ReadonlyMap<string, number>;
}

export interface Ending {
  readonly documents: ReadonlyMap<string, string>;
  /** Subjects that still wait for an event, with the highest version that came. */
  readonly held: ReadonlyMap<string, number>;
  /** Every reference of every document, with the state that its target gives it. */
  readonly ledger: string;
  /** Every customer as it reads, with what is listed by its id. */
  readonly people: string;
}

interface Folded {
  readonly shown: Shown;
  readonly references: readonly Since[] | undefined;
  readonly text: string;
}

export function askOracle(world: World): Oracle {
  const lives = new Map(world.map((life) => [life.subject, eventsOfLife(life)]));
  const folded = new Map([...lives].map(([subject, events]) => [subject, foldedOf(events)]));
  const targets = new Map([...lives].map(([subject, events]) => [subject, events.map(targetsOf)]));
  return {
    at: (subject, version) => folded.get(subject)?.[version - 1]?.text,
    references: (subject, version) => folded.get(subject)?.[version - 1]?.references ?? [],
    shown: (subject, version) => folded.get(subject)?.[version - 1]?.shown,
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
export function repairedEndingOf(oracle: Oracle, broken: ReadonlySet<string>): Ending {
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
  const shown = [...documents.keys()].map((subject) => {
    const version = reached.get(subject) ?? 0;
    return { subject, version, ...(oracle.shown(subject, version) ?? { state: 'notYetAvailable', data: {} }) };
  });
  const ledger = ledgerText([...reached].flatMap(entriesOf));
  return { documents, held: new Map(held), ledger, people: peopleOf(shown) };

  function entriesOf([referrer, version]: [string, number]): Entry[] {
    const stateOf = (target: string) => oracle.shown(target, reached.get(target) ?? 0)?.state;
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
    const { digest: eventsDigest, edge, ...rest } = drafts[i] as Draft;
    const refers = /^(item|order)-/.test(subject);
    const common = { _id: subject, version, ...rest, ...edge, lastEventId: id, eventsDigest };
    const document = refers ? { ...common, references: references[i], foldVersion: 2 } : { ...common, foldVersion: 1 };
    const shown = { state: rest.state, data: rest.data, edge };
    return { shown, references: refers ? references[i] : undefined, text: textOf(document) };
  });
}

function targetsOf({ type, data }: StoredEvent): string[] {
  if (type === 'userAbsorbed_v1') return [`user-${data.survivorId}`];
  if (type === 'itemMovedToCategory_v1') return [`category-${data.categoryId}`];
  if (type === 'itemAdded_v1') return [`category-${data.categoryId}`, `user-${data.sellerId}`];
  if (type !== 'orderPlaced_v1') return [];
  return [`user-${data.customerId}`, ...(data.lines as { itemId: string }[]).map(({ itemId }) => `item-${itemId}`)];
}
