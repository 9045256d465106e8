// One reference as it travels over HTTP.
import { instantField } from 'foldline/fastify';
import { z } from 'zod';
import { fieldNames } from './fields.ts';
import { referenceStates } from './states.ts';

export const referenceBody = z.strictObject({
  referrer: z.string(),
  field: z.enum(fieldNames),
  target: z.string(),
  since: instantField,
  sinceVersion: z.int(),
  state: z.enum(referenceStates),
});
