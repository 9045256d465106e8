// The snapshot of a user as others may read it: a document of `Users`, and the value of a record in `user-snapshots`.
// It stands in place of the events up to `version`. A missing snapshot says nothing.
import { personal } from 'foldline/contracts';
import { z } from 'zod';

const instant = z.union([z.date(), z.iso.datetime({ offset: true }).pipe(z.coerce.date<string>())]);
const hexDigest = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hexadecimal')
  .meta({ examples: ['9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'] });
const counted = z
  .int()
  .min(1)
  .meta({ examples: [1] });
const text = z.string();

/** Version 1. In MongoDB the times are dates, on the wire RFC 3339; unknown keys are dropped. */
export const userSnapshot_v1 = z.object({
  _id: text
    .regex(/^user-[0-9a-f-]{36}$/, 'must be user-<uuid>')
    .meta({ examples: ['user-0190f3c2-0000-7000-8000-00000000000a'] }),
  version: counted,
  state: z.enum(['active', 'deleted']),
  /** Of the first event; a read of the snapshot alone must show it without touching events. */
  createdAt: instant,
  /** Of the last event that the fold knows. */
  time: instant,
  data: z.object({
    firstName: personal(text.meta({ examples: ['Ada'] })),
    lastName: personal(text.meta({ examples: ['Lovelace'] })),
    email: personal(text.meta({ examples: ['ada@example.org'] })),
  }),
  /** The id of the user that it was merged into, while the merge stands. */
  mergedInto: text.optional(),
  mergeId: text.optional(),
  /** The merges in which it survived. */
  absorbed: z.array(z.object({ mergeId: text, absorbedId: text })).optional(),
  lastEventId: text.meta({ examples: ['0190f3c2-6d5a-7b1e-9c4d-000000000001'] }),
  eventsDigest: hexDigest,
  foldVersion: counted,
});

const wireInstant = z.string().meta({ format: 'date-time', examples: ['2026-01-15T08:30:01.25Z'] });

/** As it is in the topic, for a description: there every time is a text. */
export const userSnapshotOnTheWire_v1 = userSnapshot_v1.extend({ createdAt: wireInstant, time: wireInstant });
