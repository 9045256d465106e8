// The newest event of a collection, in the server's own order of insertion. It is asked for readiness only, never for order.
import type { Collection } from 'mongodb';
import type { StoredEvent } from '../../../engine/index.ts';
import type { StoredPosition } from '../../../running/index.ts';
import { findEvents } from '../raw-documents.ts';

/** @param besides subjects whose events are left out */
export async function newestIn(
  events: Collection<StoredEvent>,
  besides: readonly string[] = [],
): Promise<StoredPosition | undefined> {
  const others = besides.length > 0 ? { subject: { $nin: [...besides] } } : {};
  const newest = await findEvents(events, others, { projection: { _id: 0, subject: 1, version: 1 } })
    .sort({ $natural: -1 })
    .limit(1)
    .next();
  return newest ?? undefined;
}
