// What travels over HTTP about identities and merges.
import { lowerCaseUuid, nameField, reasonField, trimmedPattern } from 'foldline/fastify';
import { z } from 'zod';
import { illegalIdentityValues } from '../config.ts';

/** The kind of an identity. Callers choose the kinds, except `id` and `email`, which every user has. */
const kindField = z
  .string()
  .refine((text) => /^[a-z][a-z0-9-]{0,31}$/.test(text), {
    error: 'It must be 1 to 32 lower-case letters, digits and hyphens, beginning with a letter.',
  })
  .meta({ pattern: '^[a-z][a-z0-9-]{0,31}$' });

export const valueField = nameField
  .refine((text) => !illegalIdentityValues.has(text.toLowerCase()), {
    error: 'It stands for nobody: many systems write this where they know no identity.',
  })
  .meta({ not: { pattern: trimmedPattern([...illegalIdentityValues].map(inAnyCase).join('|')) } });

/** The text as a pattern that ignores case: JSON Schema has no flag for this. */
function inAnyCase(text: string): string {
  return [...text]
    .map((one) => (/[a-z]/.test(one) ? `[${one}${one.toUpperCase()}]` : one.replace(/[[\]{}]/, '\\$&')))
    .join('');
}

export const newIdentityBody = z.strictObject({
  kind: kindField
    .refine((kind) => kind !== 'id' && kind !== 'email', {
      error: 'Every user has an id and an e-mail address of their own; use another kind.',
    })
    .meta({ not: { enum: ['id', 'email'] } }),
  value: valueField,
});
export const identityParams = z.strictObject({ kind: kindField, value: valueField });
export const identityBody = z.strictObject({
  kind: z.string(),
  value: z.string(),
  userId: z.string().describe('Whose identity it is'),
  survivorId: z.string().describe('Who stands for that user; the user itself unless it was merged'),
});

export const newMergeBody = z.strictObject({
  survivorId: lowerCaseUuid,
  absorbedId: lowerCaseUuid,
  reason: reasonField,
});
export const mergeBody = z.strictObject({
  id: z.string(),
  survivorId: z.string(),
  absorbedId: z.string(),
  reason: z.string(),
  state: z.enum(['merged', 'retracted']),
  version: z.int().describe('Of the absorbed user, at the event that made or retracted the merge'),
});
export const mergePreviewBody = z.strictObject({
  survivorId: z.string(),
  absorbedId: z.string(),
  members: z.array(z.string()).describe('Ids of all who would be one, in merge order'),
  events: z.strictObject({ survivor: z.int(), absorbed: z.int() }),
  conflicts: z.array(z.strictObject({ field: z.string(), winner: z.string(), loser: z.string() })),
});
