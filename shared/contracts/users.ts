// What user-service says about users.
import { z } from 'zod';
import { defineContracts, type LatestEvent } from './registry.ts';
import { uuid } from './uuid.ts';

const text = z.string();

export const userContracts = defineContracts({
  userCreated_v1: {
    schema: z.object({ name: text, email: text }),
    upcast: {
      to: 'userCreated_v2',
      data: ({ name, email }: { name: string; email: string }) => ({ ...splitName(name), email }),
    },
  },
  userCreated_v2: { schema: z.object({ firstName: text, lastName: text, email: text }) },
  userFirstNameChanged_v1: { schema: z.object({ firstName: text }) },
  userLastNameChanged_v1: { schema: z.object({ lastName: text }) },
  userEmailChanged_v1: { schema: z.object({ email: text }) },
  userDeleted_v1: { schema: z.object({}) },
  /** A person who came from elsewhere; what is not known is left out. */
  userImported_v1: {
    schema: z.object({ firstName: text.optional(), lastName: text.optional(), email: text.optional() }),
  },
  userAbsorbed_v1: { schema: z.object({ mergeId: uuid, survivorId: uuid, reason: text }) },
  userMerged_v1: { schema: z.object({ mergeId: uuid, absorbedId: uuid }) },
  mergeRetracted_v1: { schema: z.object({ mergeId: uuid }) },
});

/** What is said of a user that no fold of users needs: it moves the version on and nothing else. */
export const userHistoryContracts = defineContracts({
  userIdentityAdded_v1: { schema: z.object({ kind: text, value: text }) },
  activityRecorded_v1: {
    schema: z.object({ name: text, properties: z.record(text, z.unknown()), insertId: text.optional() }),
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
