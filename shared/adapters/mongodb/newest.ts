// The newest event of a collection, in the server's own order of insertion. It is asked for readiness only, never for order.
import type { Collection } from 'mongodb';
import type { StoredEvent, StoredPosition } from '../../engine/index.ts';
import { findEvents } from './raw-documents.ts';

export interface NewestOf {
  /** Of subjects of this kind only, where the collection holds several: it is scanned backwards to the first of them. */
  readonly kind?: string | undefined;
  /** Subjects whose events are left out. */
  readonly besides?: readonly string[];
}

const scanMsMax = 2000;

export async function newestIn(
  events: Collection<StoredEvent>,
  { kind, besides = [] }: NewestOf = {},
): Promise<StoredPosition | undefined> {
  const wanted = {
    // What was inserted around the validator, and has no place in a subject, is the newest event of nobody.
    $type: 'string' as const,
    ...(besides.length > 0 && { $nin: [...besides] }),
    // A kind whose name goes on after this one is another kind: what follows the hyphen is a UUID.
    ...(kind !== undefined && { $regex: `^${kind}-.{36}$` }),
  };
  const newest = await findEvents(
    events,
    { subject: wanted, version: { $gte: 1 } },
    {
      projection: { _id: 0, subject: 1, version: 1 },
      maxTimeMS: scanMsMax,
    },
  )
    .sort({ $natural: -1 })
    .limit(1)
    .next();
  return newest ?? undefined;
}
