// Finds out what one document still waits for: the targets that it names, and for an order what its items name in turn.
// One query for each collection; an order has at most a hundred lines, so that no answer grows without limit.
import type { Held, HeldSubjects, StoredDocument } from 'foldline/engine';
import type { ShopReadModel } from '../read-model.ts';
import { dataOf, type ShopState, stateOf } from '../shop-view.ts';
import { isReferenceField, type Kind, type ReferenceField, referenceFields } from './fields.ts';
import type { Ledger } from './ledger.ts';
import type { LedgerEntry } from './ledger-entry.ts';
import { type ReferenceState, referenceState } from './states.ts';
import { collectionsOf } from './walks.ts';

export interface ExplainPorts {
  readonly shop: ShopReadModel;
  readonly ledger: Pick<Ledger, 'page' | 'overdueBefore'>;
  readonly held: Pick<HeldSubjects, 'among'>;
}

/** A reference on the way, and how its target is. */
export interface Named {
  /** Fields from the explained document on, for example `lines.0.itemId.categoryId`. */
  readonly path: string;
  readonly referrer: string;
  readonly field: ReferenceField;
  readonly subject: string;
  readonly kind: Kind;
  readonly since: Date;
  readonly sinceVersion: number;
  readonly state: ReferenceState;
  readonly held: Held | undefined;
}

export interface Finding {
  readonly subject: string;
  readonly kind: Kind;
  readonly state: ShopState;
  readonly version: number;
  readonly held: Held | undefined;
  readonly named: readonly Named[];
  /** The first few that refer to it. */
  readonly namedBy: readonly LedgerEntry[];
}

type Way = Omit<Named, 'state' | 'held'>;

const namedByMax = 10;

/** Undefined: nobody ever heard of the subject. */
export async function explain(ports: ExplainPorts, kind: Kind, subject: string): Promise<Finding | undefined> {
  const of = collectionsOf(ports.shop);
  const read = (target: Kind, ways: readonly Way[]) =>
    of[target].documents.read([...new Set(ways.filter((way) => way.kind === target).map((way) => way.subject))]);

  const document = (await of[kind].documents.read([subject])).get(subject);
  const direct = document ? waysFrom(document, '') : [];
  const items = await read('item', direct);
  const ways = [...direct, ...direct.flatMap(({ subject: item, path }) => waysOf(items.get(item), `${path}.`))];
  const [users, categories, held, namedBy] = await Promise.all([
    read('user', ways),
    read('category', ways),
    ports.held.among([subject, ...ways.map((way) => way.subject)]),
    ports.ledger.page({ target: { kind, subject } }, { limit: namedByMax }),
  ]);
  if (!document && !held.has(subject)) return undefined;
  const targets = new Map([...items, ...users, ...categories]);
  const overdueBefore = ports.ledger.overdueBefore();
  return {
    subject,
    kind,
    state: stateOf(document),
    version: document?.version ?? 0,
    held: held.get(subject),
    named: ways.map((way) => ({
      ...way,
      state: referenceState(stateOf(targets.get(way.subject)), way.since, overdueBefore),
      held: held.get(way.subject),
    })),
    namedBy: namedBy.entries,
  };
}

function waysOf(document: StoredDocument | undefined, prefix: string): Way[] {
  return document ? waysFrom(document, prefix) : [];
}

/** What a document refers to, each once; of two lines that name one item the path is the first's. */
function waysFrom(document: StoredDocument, prefix: string): Way[] {
  const references = 'references' in document ? (document.references ?? []) : [];
  const lines = dataOf<{ lines?: readonly { itemId: string }[] }>(document)?.lines ?? [];
  return references.flatMap(({ field, target, since, sinceVersion }): Way[] => {
    if (!isReferenceField(field)) return [];
    const line = field === 'lines.itemId' ? lines.findIndex(({ itemId }) => target.endsWith(itemId)) : -1;
    const path = `${prefix}${line < 0 ? field : `lines.${line}.itemId`}`;
    const { target: kind } = referenceFields[field];
    return [{ path, referrer: document._id, field, subject: target, kind, since, sinceVersion }];
  });
}
