// The snapshot of a user as others may read it: a document of `Users`, and the value of a record in `user-snapshots`.
// It stands in place of the events up to `version`. A missing snapshot says nothing.
import { z } from 'zod';

const instant = z.union([z.date(), z.iso.datetime({ offset: true }).pipe(z.coerce.date<string>())]);
const hexDigest = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hexadecimal');

/** Version 1. In MongoDB the times are dates, on the wire RFC 3339; unknown keys are dropped. */
export const userSnapshot_v1 = z.object({
  _id: z.string().regex(/^user-[0-9a-f-]{36}$/, 'must be user-<uuid>'),
  version: z.int().min(1),
  state: z.enum(['active', 'deleted']),
  /** Of the first event; a read of the snapshot alone must show it without touching events. */
  createdAt: instant,
  /** Of the last event that the fold knows. */
  time: instant,
  data: z.object({ firstName: z.string(), lastName: z.string(), email: z.string() }),
  /** The id of the user that it was merged into, while the merge stands. */
  mergedInto: z.string().optional(),
  mergeId: z.string().optional(),
  /** The merges in which it survived. */
  absorbed: z.array(z.object({ mergeId: z.string(), absorbedId: z.string() })).optional(),
  lastEventId: z.string(),
  eventsDigest: hexDigest,
  foldVersion: z.int().min(1),
});

export type UserSnapshot = z.output<typeof userSnapshot_v1>;
