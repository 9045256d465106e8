// What every document must be, by a fold that shares nothing with the services: it reads the stored events with the plain
// driver and folds them with a switch, a digest and an upcast of its own. It knows every event type by name and throws at others.
import { createHash } from 'node:crypto';
import type { Db } from 'mongodb';
import { type Edges, edgesAfter } from './oracle-merging.ts';
import { type HeldReference, heldAfter } from './oracle-references.ts';
import { type EventDocument, storedEvents } from './stored-events.ts';
import type { SubjectDocument } from './test-system.ts';

export type Documents = ReadonlyMap<string, SubjectDocument>;

export interface Oracle {
  readonly events: readonly EventDocument[];
  /** The snapshots of user-service. */
  readonly users: Documents;
  readonly customers: Documents;
  readonly categories: Documents;
  readonly items: Documents;
  readonly orders: Documents;
}

interface Words {
  readonly alive: string;
  readonly gone: string;
  /** Whether the document of a survivor lists whom it absorbed. */
  readonly bothSides: boolean;
}

interface Folded {
  readonly state: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const inUserService: Words = { alive: 'active', gone: 'deleted', bothSides: true };
const inShop: Words = { alive: 'available', gone: 'removed', bothSides: false };
/** What is kept of a user and folded by nobody: the version moves on, and nothing else. */
const movesOnly = ['userIdentityAdded_v1', 'activityRecorded_v1'];
/** Documents of items and orders hold their references since their second fold. */
const foldVersionOf = (subject: string): number => (/^(item|order)-/.test(subject) ? 2 : 1);

export async function askOracle(users: Db, shopping: Db): Promise<Oracle> {
  const [userEvents, catalogEvents, orderEvents] = await Promise.all([
    storedEvents(users, 'UserEvents'),
    storedEvents(shopping, 'CatalogEvents'),
    storedEvents(shopping, 'OrderEvents'),
  ]);
  const events = [...userEvents, ...catalogEvents, ...orderEvents];
  const named = new Set(events.flatMap(namedBy));
  const ofKind = (kind: string, source: readonly EventDocument[], words: Words) =>
    foldAll(
      source.filter(({ subject }) => subject.startsWith(`${kind}-`)),
      words,
    );
  const withPlaceholders = (kind: string, documents: Documents): Documents => {
    const missing = [...named].filter((subject) => subject.startsWith(`${kind}-`) && !documents.has(subject));
    return new Map([
      ...documents,
      ...missing.map((_id) => [_id, { _id, version: 0, state: 'notYetAvailable' }] as const),
    ]);
  };
  return {
    events,
    users: ofKind('user', userEvents, inUserService),
    customers: withPlaceholders('user', ofKind('user', userEvents, inShop)),
    categories: withPlaceholders('category', ofKind('category', catalogEvents, inShop)),
    items: withPlaceholders('item', ofKind('item', catalogEvents, inShop)),
    orders: ofKind('order', orderEvents, inShop),
  };
}

function foldAll(events: readonly EventDocument[], words: Words): Documents {
  const documents = new Map<string, SubjectDocument>();
  for (const event of events) documents.set(event.subject, next(documents.get(event.subject), event, words));
  return documents;
}

function next(before: SubjectDocument | undefined, event: EventDocument, words: Words): SubjectDocument {
  const { id, type, subject, version, time } = event;
  if (version !== (before?.version ?? 0) + 1)
    throw new Error(`${subject} has version ${version} right after ${before?.version ?? 0}: its versions are not 1..n`);
  const digest = createHash('sha256').update([before?.eventsDigest ?? '', id, type, version].join('\n'), 'utf8');
  const { state, data } = folded(before as Folded | undefined, event, words);
  const earlier: readonly HeldReference[] | undefined = before?.references;
  const references = heldAfter(earlier, event, state, data);
  return {
    _id: subject,
    version,
    state,
    data,
    ...(references === undefined ? {} : { references }),
    ...edgesAfter((before ?? {}) as Edges, event, words.bothSides),
    createdAt: before?.createdAt ?? time,
    time: movesOnly.includes(type) ? before?.time : time,
    lastEventId: id,
    eventsDigest: digest.digest('hex'),
    foldVersion: foldVersionOf(subject),
  };
}

function folded(before: Folded | undefined, { type, data }: EventDocument, { alive, gone }: Words): Folded {
  const unchanged = (): Folded => {
    if (before === undefined) throw new Error(`${type} is the first event of its subject`);
    return before;
  };
  const change = (field: string): Folded => {
    return { state: unchanged().state, data: { ...unchanged().data, [field]: data[field] } };
  };
  switch (type) {
    case 'userCreated_v1':
      return { state: alive, data: { ...splitAtLastSpace(data.name), email: data.email } };
    case 'userCreated_v2':
      return { state: alive, data: { firstName: data.firstName, lastName: data.lastName, email: data.email } };
    case 'userImported_v1': {
      const { firstName = '', lastName = '', email = '' } = data;
      return { state: alive, data: { firstName, lastName, email } };
    }
    case 'userAbsorbed_v1':
    case 'userMerged_v1':
    case 'mergeRetracted_v1':
    case 'userIdentityAdded_v1':
    case 'activityRecorded_v1':
      return unchanged();
    case 'userFirstNameChanged_v1':
      return change('firstName');
    case 'userLastNameChanged_v1':
      return change('lastName');
    case 'userEmailChanged_v1':
      return change('email');
    case 'categoryCreated_v1':
      return { state: alive, data: { title: data.title } };
    case 'itemAdded_v1': {
      const { title, price, categoryId, sellerId } = data;
      return { state: alive, data: { title, price, categoryId, sellerId } };
    }
    case 'categoryTitleChanged_v1':
    case 'itemTitleChanged_v1':
      return change('title');
    case 'itemPriceChanged_v1':
      return change('price');
    case 'itemMovedToCategory_v1':
      return change('categoryId');
    case 'orderPlaced_v1':
      return { state: alive, data: { customerId: data.customerId, lines: data.lines } };
    case 'userDeleted_v1':
    case 'categoryRemoved_v1':
    case 'itemRemoved_v1':
      return { state: gone, data: before?.data ?? {} };
    default:
      throw new Error(`the oracle does not know the event type ${type}`);
  }
}

function splitAtLastSpace(name: string): { firstName: string; lastName: string } {
  const words = name.trim().split(/\s+/);
  const lastName = words.length > 1 ? (words.at(-1) as string) : '';
  return {
    firstName: name
      .trim()
      .slice(0, name.trim().length - lastName.length)
      .trim(),
    lastName,
  };
}

function namedBy({ type, data }: EventDocument): string[] {
  if (type === 'itemAdded_v1') return [`category-${data.categoryId}`, `user-${data.sellerId}`];
  if (type === 'userAbsorbed_v1') return [`user-${data.survivorId}`];
  if (type === 'itemMovedToCategory_v1') return [`category-${data.categoryId}`];
  if (type !== 'orderPlaced_v1') return [];
  const lines: readonly { itemId: string }[] = data.lines;
  return [`user-${data.customerId}`, ...lines.map(({ itemId }) => `item-${itemId}`)];
}
