// What a user may be known by besides their id and address, and the claim that makes one identity belong to one user.
import type { UserEvent, UserHistoryEvent } from '@foldline/contracts';
import { type ClaimRule, Failure, type Recorder } from 'foldline/engine';
import type { User } from '../users/user.ts';

const prefix = 'identity:';

/** `value` trimmed; ids are compared as text, so 42 and `"42"` are one, and `A` and `a` are two. */
export function identityClaim(kind: string, value: string): string {
  return `${prefix}${kind}:${value}`;
}

/** A deleted user is known by nothing any more. */
export const identityClaimRule: ClaimRule = {
  prefix,
  types: ['userDeleted_v1'],
  endedBy: (_claim, { type }) => type === 'userDeleted_v1',
};

export const identityRecorder: Recorder<User, UserEvent | UserHistoryEvent> = {
  source: '/user-service',
  claims: (event) => (event.type === 'userIdentityAdded_v1' ? [identityClaim(event.data.kind, event.data.value)] : []),
  claimTaken: (claim) =>
    claim.startsWith(prefix)
      ? new Failure('identity-taken', 'Another user is known by this identity; merge the two, or use another value.', {
          errors: [{ pointer: '/value', detail: 'belongs to another user' }],
        })
      : new Failure('version-conflict', 'The same request is being carried out; repeat it.'),
};
