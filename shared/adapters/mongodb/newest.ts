// The newest event of a collection, in the server's own order of insertion. It is asked for readiness only, never for order.
import type { Collection } from 'mongodb';
import { readEnvelope, type StoredEvent, type StoredPosition } from '../../engine/index.ts';
import { findWholeEvents } from './raw-documents.ts';

export interface NewestOf {
  /** Of subjects of this kind only, where the collection holds several: it is scanned backwards to the first of them. */
  readonly kind?: string | undefined;
  /** Subjects whose events are left out. */
  readonly besides?: readonly string[];
}

const scanMsMax = 2000;
/** What was inserted around the validator, and comes to no reader, is the newest event of nobody; so many of these are passed over. */
const looksMax = 100;

export async function newestIn(
  events: Collection<StoredEvent>,
  { kind, besides = [] }: NewestOf = {},
): Promise<StoredPosition | undefined> {
  const wanted = {
    ...(besides.length > 0 && { $nin: [...besides] }),
    // A kind whose name goes on after this one is another kind: what follows the hyphen is a UUID.
    ...(kind !== undefined && { $regex: `^${kind}-.{36}$` }),
  };
  const filter = Object.keys(wanted).length > 0 ? { subject: wanted } : {};
  const newestFirst = findWholeEvents(events, filter, { maxTimeMS: scanMsMax, batchSize: 2 })
    .sort({ $natural: -1 })
    .limit(looksMax);
  for await (const event of newestFirst) {
    if ('event' in readEnvelope(event)) return { subject: event.subject, version: event.version };
  }
  return undefined;
}
