// What every service answers about held subjects. The routes declare it strictly; the command line for operators reads the same
// declaration leniently.
import { z } from 'zod';
import { instantField, pageSchema } from '../../http/index.ts';

export const heldBody = z.strictObject({
  key: z.string(),
  kind: z.enum(['subject', 'place']).describe('A place in a topic has no subject that could be read'),
  projection: z.string().nullable(),
  reason: z.enum(['hole', 'unknown-version', 'invalid-data', 'unreadable']),
  detail: z.string(),
  appliedVersion: z.int().describe('The version of its document'),
  seenVersion: z.int().describe('The highest version that came; it is released once its document is there'),
  since: instantField,
  attempts: z.int().describe('How often it could not go on'),
});

// Documents are shown as they are stored, whichever projection wrote them.
const documentBody = z.looseObject({ _id: z.string(), version: z.int(), state: z.string() });

export const shownBody = z.strictObject({
  held: heldBody,
  document: documentBody.nullable().describe('As it is; null while there is none'),
  next: z
    .strictObject({
      document: documentBody.nullable(),
      events: z.int().describe('How many events a retry would fold'),
      stop: z
        .strictObject({ version: z.int(), reason: heldBody.shape.reason, detail: z.string() })
        .nullable()
        .describe('Where a retry would stop, and why'),
    })
    .nullable()
    .describe('What a retry would make of it; null for a place, and while the owner cannot be asked'),
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
  left: z.int().describe('How many are held behind this page'),
});

export const heldPage = pageSchema(heldBody);
