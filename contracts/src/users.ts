// What user-service says about users.

import { defineContracts, type LatestEvent, personal } from 'foldline/contracts';
import { z } from 'zod';
import { uuid } from './uuid.ts';

const text = z.string();
const firstName = personal(text.meta({ examples: ['Ada'] }));
const lastName = personal(text.meta({ examples: ['Lovelace'] }));
const email = personal(text.meta({ examples: ['ada@example.org'] }));
const mergeId = uuid.describe('The merge, which a retraction names too');

export const userContracts = defineContracts({
  userCreated_v1: {
    schema: z
      .object({ name: personal(text.meta({ examples: ['Ada King Lovelace'] })), email })
      .describe('A user was created; reads as `userCreated_v2`, with `name` split at its last white space'),
    upcast: {
      to: 'userCreated_v2',
      data: ({ name, email }: { name: string; email: string }) => ({ ...splitName(name), email }),
    },
  },
  userCreated_v2: { schema: z.object({ firstName, lastName, email }).describe('A user was created') },
  userFirstNameChanged_v1: { schema: z.object({ firstName }).describe('The first name is another now') },
  userLastNameChanged_v1: { schema: z.object({ lastName }).describe('The last name is another now') },
  userEmailChanged_v1: { schema: z.object({ email }).describe('The address is another now, if only in its case') },
  userDeleted_v1: { schema: z.object({}).describe('The user was deleted') },
  userImported_v1: {
    schema: z
      .object({ firstName: firstName.optional(), lastName: lastName.optional(), email: email.optional() })
      .describe('A person who came from elsewhere; what is not known is left out'),
  },
  userAbsorbed_v1: {
    schema: z
      .object({ mergeId, survivorId: uuid, reason: text.meta({ examples: ['the same person'] }) })
      .describe('The user was merged into another, who stands for both'),
  },
  userMerged_v1: {
    schema: z.object({ mergeId, absorbedId: uuid }).describe('The user stands for another one too'),
  },
  mergeRetracted_v1: { schema: z.object({ mergeId }).describe('A merge was taken back; it is said on both sides') },
});

/** What is said of a user that no fold of users needs: it moves the version on and nothing else. */
export const userHistoryContracts = defineContracts({
  userIdentityAdded_v1: {
    schema: z
      .object({
        kind: text.meta({ examples: ['phone'] }),
        value: personal(text.meta({ examples: ['+44 20 7946 0000'] })),
      })
      .describe('The user is known by this elsewhere'),
  },
  activityRecorded_v1: {
    schema: z
      .object({
        name: text.meta({ examples: ['item viewed'] }),
        properties: personal(z.record(text, z.unknown()).meta({ examples: [{ page: 3 }] })),
        insertId: text.optional().describe('What the tool it came from knows it by'),
      })
      .describe('The user did something'),
  },
});

export type UserHistoryEvent = LatestEvent<typeof userHistoryContracts>;

export type UserEvent = LatestEvent<typeof userContracts>;

/** `"Ada King Lovelace"` → first name `"Ada King"`, last name `"Lovelace"`; one word leaves the last name empty. */
export function splitName(name: string): { firstName: string; lastName: string } {
  const trimmed = name.trim();
  const at = trimmed.search(/\s\S*$/);
  return at < 0
    ? { firstName: trimmed, lastName: '' }
    : { firstName: trimmed.slice(0, at).trimEnd(), lastName: trimmed.slice(at + 1) };
}

/** The form in which two spellings of an address are one: trimmed and lower-cased. */
export function normaliseEmail(email: string): string {
  return email.trim().toLowerCase();
}
