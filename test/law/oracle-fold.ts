// What a subject's events make of it, one by one, as the oracle says it: by a switch over every event type, and an upcast and a
// digest of its own. An edge of a merge counts on the absorbed side only.
import { createHash } from 'node:crypto';
import type { StoredEvent } from 'foldline/engine';

type Data = Readonly<Record<string, unknown>>;

/** A standing merge, as the absorbed one's document has it. */
export interface Edge {
  readonly mergedInto: string;
  readonly mergeId: string;
}

export interface Draft {
  readonly state: string;
  readonly data: Data;
  readonly createdAt: Date;
  readonly time: Date;
  readonly digest: string;
  readonly edge: Edge | undefined;
}

const blank: Readonly<Record<string, Data>> = {
  user: { firstName: '', lastName: '', email: '' },
  category: { title: '' },
  item: { title: '', price: 0, categoryId: '', sellerId: '' },
  order: { customerId: '', lines: [] },
};

/** The subject after each of its events. */
export function draftsOf(events: readonly StoredEvent[]): Draft[] {
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
      edge: edgeAfter(event, draft?.edge),
    };
    return draft;
  });
}

/** Undefined for an event that moves the version on and nothing else. */
function changeOf({ type, data }: StoredEvent, before: Draft | undefined): { state: string; data: Data } | undefined {
  const given = (field: string) => data[field] !== undefined;
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
    case 'userImported_v1':
      return { state: 'available', data: { ...blank.user, ...only(...Object.keys(blank.user ?? {}).filter(given)) } };
    case 'userAbsorbed_v1':
    case 'userMerged_v1':
    case 'mergeRetracted_v1':
      return { state: before?.state ?? 'notYetAvailable', data: {} };
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
    case 'userIdentityAdded_v1':
    case 'activityRecorded_v1':
    case 'categoryPinned_v2':
    case 'itemStarred_v1':
    case 'orderPraised_v1':
      return undefined;
  }
  throw new Error(`the oracle does not know the event type ${type}`);
}

function edgeAfter({ type, data }: StoredEvent, before: Edge | undefined): Edge | undefined {
  if (type === 'userAbsorbed_v1') return { mergedInto: String(data.survivorId), mergeId: String(data.mergeId) };
  return type === 'mergeRetracted_v1' && data.mergeId === before?.mergeId ? undefined : before;
}

function splitAtLastSpace(name: string): { firstName: string; lastName: string } {
  const found = /^(.*\S)\s+(\S+)$/su.exec(name.trim());
  return { firstName: found?.[1] ?? name.trim(), lastName: found?.[2] ?? '' };
}
