// What every service answers about its projections. The routes declare it strictly; the command line for operators reads the same
// declaration leniently.
import { z } from 'zod';
import { instantField } from '../../http/fields.ts';

const gapBody = z
  .strictObject({
    events: z.int(),
    isLeast: z.boolean().describe('Whether counting stopped at its bound, so that there may be more'),
  })
  .nullable()
  .describe('The number of stored events that are not folded; null when the events could not be counted');

const pauseBody = z.strictObject({ since: instantField, by: z.string(), reason: z.string() }).nullable();

const statusBody = z.strictObject({
  name: z.string(),
  state: z.enum(['running', 'paused', 'resyncing', 'stalled', 'rebuilding', 'behind', 'unknown']),
  detail: z.string().describe('Why it is in that state'),
  pause: pauseBody,
  gap: gapBody,
  lagMs: z
    .int()
    .nullable()
    .describe('How long the oldest event that waits in this process has waited; null when that is not known'),
  eventsPerSecond: z.number().describe('Events that this process folded in a second, over the last few'),
  held: z.int().nullable().describe('Held subjects and held offsets of topics; null when they could not be counted'),
  sources: z.array(
    z.strictObject({
      name: z.string(),
      state: z.enum(['caught-up', 'behind', 'stalled', 'paused', 'unknown']),
      detail: z.string(),
      countedBy: z
        .enum(['offsets', 'documents'])
        .describe('`offsets`: against the ends of the topic; `documents`: newest events without their documents'),
      gap: gapBody,
    }),
  ),
  models: z.array(
    z.strictObject({
      name: z.string(),
      collection: z.string().describe('The one that is read now'),
      equalAt: instantField.nullable().describe('When the collection was last verified equal'),
      doubt: z.string().nullable().describe('Why it may lack something; null when it was verified equal since'),
      lastVerification: z.string().nullable().describe('How its last verification ended'),
    }),
  ),
});

export const statusOfProjections = z.strictObject({ projections: z.array(statusBody) });

export const pulledBody = z.strictObject({
  name: z.string(),
  isChanged: z.boolean().describe('Whether this request changed the state'),
  pause: pauseBody,
});
