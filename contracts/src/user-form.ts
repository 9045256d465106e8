// The form in which the copies of a user are compared, whoever keeps them: what the owner publishes of a user, under the words that
// both sides know. A removal changes `state` alone, so what was removed keeps its last fields.

import type { ProjectedDocument } from 'foldline/engine';
import type { SharedForm } from 'foldline/operations';

export type SharedUserState = 'absent' | 'active' | 'deleted';

/** @param states this side's words for the shared states; another word, which no fold writes, equals none of them */
export function userForm(states: Readonly<Record<string, SharedUserState>>): SharedForm {
  return ({ _id: subject, version, state, data, mergedInto, eventsDigest }: ProjectedDocument) => {
    // Strangers may have changed what is stored.
    const { firstName, lastName, email } = Object(data) as Readonly<Record<string, unknown>>;
    const shared = Object.hasOwn(states, state) ? states[state] : `unknown: ${state}`;
    return { subject, version, state: shared, firstName, lastName, email, mergedInto, eventsDigest };
  };
}
