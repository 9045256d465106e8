// What every service answers about held subjects. The routes declare it strictly; the command line for operators reads the same
// declaration leniently.
import { z } from 'zod';
import { pageSchema } from '../../http/cursor.ts';
import { instantField } from '../../http/fields.ts';

export const heldBody = z.strictObject({
  key: z.string(),
  kind: z.enum(['subject', 'place']).describe('`place` is an offset of a topic at which no subject could be read'),
  projection: z.string().nullable(),
  reason: z.enum(['hole', 'unknown-version', 'invalid-data', 'unreadable']),
  detail: z.string(),
  appliedVersion: z.int().describe('The version of its document'),
  seenVersion: z.int().describe('The highest version that came; it is released once its document is there'),
  since: instantField,
  attempts: z.int().describe('How often a retry failed'),
});

// Documents are shown as they are stored, whichever projection wrote them.
const documentBody = z.looseObject({ _id: z.string(), version: z.int(), state: z.string() });

export const shownBody = z.strictObject({
  held: heldBody,
  document: documentBody.nullable().describe('The document as it is stored; null while there is no document'),
  next: z
    .strictObject({
      document: documentBody.nullable(),
      events: z.int().describe('How many events a retry would fold'),
      stop: z
        .strictObject({ version: z.int(), reason: heldBody.shape.reason, detail: z.string() })
        .nullable()
        .describe('The version at which a retry would stop, and the reason'),
    })
    .nullable()
    .describe('The result that a retry would have; null for an offset, and while the owner does not answer'),
  detail: z.string(),
});

export const retriedBody = z.strictObject({
  key: z.string(),
  outcome: z.enum(['released', 'held', 'unanswered', 'place']),
  detail: z.string(),
  held: heldBody.nullable(),
});

export const retriedPage = z.strictObject({
  ...pageSchema(retriedBody).shape,
  left: z.int().describe('The number of held subjects after this page'),
});

export const heldPage = pageSchema(heldBody);
