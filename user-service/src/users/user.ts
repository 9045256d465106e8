// A user: how the events fold, and what may be decided. The same `evolve` serves commands, reads and the snapshot projector.

import { normaliseEmail, type UserEvent, userContracts } from '@foldline/contracts';
import { decoderOf } from 'foldline/contracts';
import {
  type ClaimRule,
  type Decider,
  Failure,
  type Projection,
  type RecordedEvent,
  type View,
  withAbsorbed,
  withoutMerge,
  withSurvivor,
} from 'foldline/engine';

export const emailPrefix = 'email:';

export interface UserData {
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
}

export interface User extends View {
  readonly state: 'absent' | 'active' | 'deleted';
  readonly data: UserData;
}

export type UserCommand =
  | { readonly kind: 'create'; readonly user: UserData }
  | { readonly kind: 'change'; readonly changes: Partial<UserData> }
  | { readonly kind: 'delete' };

const nothing: UserData = { firstName: '', lastName: '', email: '' };

export const userProjection: Projection<User, UserEvent> = {
  name: 'users',
  kind: 'user',
  foldVersion: 1,
  decode: decoderOf(userContracts),
  initialState: { state: 'absent', data: nothing },
  evolve(user, event) {
    switch (event.type) {
      case 'userCreated_v2':
        return { ...user, state: 'active', data: event.data };
      case 'userFirstNameChanged_v1':
      case 'userLastNameChanged_v1':
      case 'userEmailChanged_v1':
        return {
          ...user,
          state: user.state === 'absent' ? 'active' : user.state,
          data: { ...user.data, ...event.data },
        };
      case 'userImported_v1':
        return { ...user, state: 'active', data: { ...nothing, ...event.data } };
      case 'userDeleted_v1':
        return { ...user, state: 'deleted' };
      case 'userAbsorbed_v1':
        return withSurvivor(user, event.data.mergeId, event.data.survivorId);
      case 'userMerged_v1':
        return withAbsorbed(user, event.data.mergeId, event.data.absorbedId);
      case 'mergeRetracted_v1':
        return withoutMerge(user, event.data.mergeId);
    }
  },
};

export const userDecider: Decider<User, UserCommand, UserEvent> = {
  kind: 'user',
  source: '/user-service',
  decide(command, user) {
    switch (command.kind) {
      case 'create':
        return create(command.user, user);
      case 'change':
        return change(command.changes, existing(user));
      case 'delete':
        existing(user);
        return [{ type: 'userDeleted_v1', data: {} }];
    }
  },
  claims(event, user) {
    const email = emailSetBy(event);
    // A deleted user holds no address, whatever a stranger's event still says about it.
    if (!email || (user.state === 'deleted' && event.type !== 'userCreated_v2' && event.type !== 'userImported_v1'))
      return [];
    const held = user.state === 'active' ? normaliseEmail(user.data.email) : '';
    return normaliseEmail(email) === held ? [] : [emailClaim(email)];
  },
  claimTaken(claim) {
    return claim.startsWith(emailPrefix)
      ? new Failure('email-taken', 'Another user holds this e-mail address; use another, or change that user first.', {
          errors: [{ pointer: '/email', detail: 'is held by another user' }],
        })
      : new Failure('version-conflict', 'The same request is being carried out; repeat it.');
  },
};

export function emailClaim(email: string): string {
  return emailPrefix + normaliseEmail(email);
}

/** A claim for an address ends when its user is deleted or sets another address; a change of case alone is no other address. */
export const emailClaimRule: ClaimRule = {
  prefix: emailPrefix,
  types: ['userDeleted_v1', 'userCreated_v1', 'userCreated_v2', 'userImported_v1', 'userEmailChanged_v1'],
  endedBy(claim, later: RecordedEvent) {
    const decoded = userProjection.decode(later);
    if (decoded.kind !== 'known') return false;
    if (decoded.event.type === 'userDeleted_v1') return true;
    const email = emailSetBy(decoded.event);
    return email !== undefined && emailClaim(email) !== claim;
  },
};

function create(user: UserData, { state }: User): UserEvent[] {
  if (state === 'active')
    throw new Failure('id-taken', 'A user with this id exists already; leave id out to get a new one.', {
      errors: [{ pointer: '/id', detail: 'is in use' }],
    });
  if (state === 'deleted') {
    throw new Failure('id-removed', 'This id belonged to a user who was deleted and is not given again.', {
      errors: [{ pointer: '/id', detail: 'was removed' }],
    });
  }
  return [{ type: 'userCreated_v2', data: user }];
}

function change(changes: Partial<UserData>, { data }: User): UserEvent[] {
  const events: UserEvent[] = [];
  const { firstName, lastName, email } = changes;
  if (firstName !== undefined && firstName !== data.firstName)
    events.push({ type: 'userFirstNameChanged_v1', data: { firstName } });
  if (lastName !== undefined && lastName !== data.lastName)
    events.push({ type: 'userLastNameChanged_v1', data: { lastName } });
  if (email !== undefined && email !== data.email) events.push({ type: 'userEmailChanged_v1', data: { email } });
  return events;
}

/** @throws Failure `not-found`, `deleted` or `identity-absorbed` unless it can be changed */
export function existing(user: User): User {
  if (user.state === 'absent') throw new Failure('not-found', 'There is no user with this id.');
  if (user.state === 'deleted') throw new Failure('deleted', 'This user was deleted.');
  if (user.mergedInto !== undefined)
    throw new Failure('identity-absorbed', 'This user was merged into another; change that one, at Location.');
  return user;
}

function emailSetBy(event: UserEvent): string | undefined {
  return 'email' in event.data ? event.data.email?.trim() : undefined;
}
