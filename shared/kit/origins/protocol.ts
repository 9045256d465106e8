// What an owner of events answers to the services that copy from it, under `/origin/<kind>`. One declaration for both sides: the owner
// answers strictly by these schemas, and a client reads leniently, so that a newer owner may say more.
import { z } from 'zod';
import { extensionFields } from '../../contracts/index.ts';
import { instantField, pageSchema } from '../../http/index.ts';
import { copyFiguresBody } from '../../operations/index.ts';

const position = z.strictObject({ subject: z.string(), version: z.int() });

/** How far the owner's own snapshots are. */
export const newestBody = z.strictObject({
  newest: position.nullable().describe('The newest stored event; null while there is none'),
  newestUnheld: position.nullable().describe('The newest one of a subject that is not held here'),
  complete: z.boolean().describe('Whether the snapshots have every event that is not newer than these'),
  held: z
    .array(z.strictObject({ key: z.string(), seenVersion: z.int() }))
    .describe('Subjects that are held here, so that no snapshot has what came'),
  moreHeld: z.boolean().describe('More subjects are held than are listed'),
});

/**
 * An event as it is stored, without what the store keeps for itself. Loose, because CloudEvents lets anybody add attributes, and what is
 * stored is shown.
 */
export const storedEventBody = z.looseObject({
  specversion: z.literal('1.0'),
  id: z.string(),
  source: z.string(),
  type: z.string(),
  subject: z.string(),
  version: z.int(),
  time: instantField,
  correlationid: z.string().optional(),
  causationid: z.string().optional(),
  ...extensionFields,
  data: z.record(z.string(), z.unknown()),
  unreadable: z.string().optional().describe('Why `data` cannot be read, naming the field; `data` is empty then'),
});

export const eventsBody = pageSchema(storedEventBody);

/** The same, read by a client: each item is read as strictly as what comes from a topic, and by itself. */
export const lenient = {
  newest: z.object({
    newest: z.object(position.shape).nullable(),
    newestUnheld: z.object(position.shape).nullable(),
    complete: z.boolean(),
    held: z.array(z.object({ key: z.string(), seenVersion: z.int() })),
    moreHeld: z.boolean(),
  }),
  events: z.object({ items: z.array(z.unknown()), nextCursor: z.string().nullable() }),
  figures: z.object(copyFiguresBody.shape),
};

export type NewestBody = z.output<typeof newestBody>;
