// Documents as the projector leaves them, written straight into a read model, for tests of the ledger that need many of them.
// Ids are numbered, so that their order is known.
import type { StoredDocument } from 'foldline/engine';
import type { Collection } from 'mongodb';
import type { Kind } from '../references/fields.ts';

export const since = new Date('2026-03-01T12:00:00.000Z');

/** `category-00000000-0000-4000-8000-000000000007` for the seventh category. */
export function numbered(kind: Kind, n: number): string {
  return `${kind}-00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
}

/** A document at version 1, referring to each `[field, target]`. */
export function documentOf(
  _id: string,
  state: string,
  references: readonly (readonly [string, string])[] = [],
): object {
  const held = references.map(([field, target]) => ({ field, target, since, sinceVersion: 1 }));
  return { _id, version: 1, state, createdAt: since, time: since, data: {}, references: held, foldVersion: 2 };
}

export function placeholderOf(_id: string): object {
  return { _id, version: 0, state: 'notYetAvailable' };
}

export async function put(collection: Collection<StoredDocument>, documents: readonly object[]): Promise<void> {
  await collection.insertMany(documents as StoredDocument[]);
}
