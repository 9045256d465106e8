// What the four kinds of shop documents have in common: three states, the decisions about existence, and how a reference reads.
import {
  type DomainEvent,
  Failure,
  type FailureCode,
  type NamedTarget,
  notYetAvailable,
  type StoredDocument,
  subjectOf,
  type View,
} from 'foldline/engine';

export type ShopState = 'notYetAvailable' | 'available' | 'removed';

export interface ShopView<Data extends object> extends View {
  readonly state: ShopState;
  readonly data: Data;
}

/** What a placeholder's title or name reads. */
export const notYetAvailableText = 'Not yet available';

/** @throws Failure `not-found` or `deleted` unless it can be changed */
export function assertAvailable(what: string, { state }: View): void {
  if (state === notYetAvailable) throw new Failure('not-found', `There is no ${what} with this id.`);
  if (state === 'removed') throw new Failure('deleted', `This ${what} was removed.`);
}

/** @throws Failure `id-taken` or `id-removed` unless the id is free */
export function assertFree(what: string, { state }: View): void {
  const refuse = (code: FailureCode, detail: string, place: string) =>
    new Failure(code, detail, { errors: [{ pointer: '/id', detail: place }] });
  if (state === 'available')
    throw refuse('id-taken', `Another ${what} has this id; leave id out to get a new one.`, 'is in use');
  if (state === 'removed')
    throw refuse('id-removed', `This id belonged to a ${what} that was removed and is not given again.`, 'was removed');
}

/** A change makes an unknown subject available, and never revives a removed one. */
export function changed<Data extends object>(view: ShopView<Data>, change: Partial<Data>): ShopView<Data> {
  return { ...view, state: view.state === 'removed' ? 'removed' : 'available', data: { ...view.data, ...change } };
}

/** The state of a document, also of one that was never heard of. */
export function stateOf(document: StoredDocument | undefined): ShopState {
  return (document?.state ?? notYetAvailable) as ShopState;
}

/** The payload of a document, or null while nothing is known. */
export function dataOf<Data>(document: StoredDocument | undefined): Data | null {
  return document && document.state !== notYetAvailable && 'data' in document ? (document.data as Data) : null;
}

/** What a field that holds an id refers to; an empty one, of a stranger's incomplete life, refers to nothing. */
export function reference(field: string, kind: string, id: string): NamedTarget[] {
  return id ? [{ field, target: subjectOf(kind, id) }] : [];
}

/** One event for each field that is given and differs, in the order of `eventFor`, however the change was spelled. */
export function eventsForChanges<Data extends object, E extends DomainEvent>(
  data: Data,
  changes: Partial<Data>,
  eventFor: { readonly [K in keyof Data]?: (value: Data[K]) => E },
): E[] {
  return (Object.keys(eventFor) as (keyof Data)[]).flatMap((field) => {
    const value = changes[field];
    const make = eventFor[field];
    return value !== undefined && value !== data[field] && make ? [make(value)] : [];
  });
}
