// Goal: what may happen to a user, which events tell it, and which addresses they claim.
import { normaliseEmail } from '@foldline/contracts';
import { eventOf, givenWhenThen, newSubject } from 'foldline/testing';
import { emailClaim, emailClaimRule, userDecider, userProjection } from './user.ts';

const given = givenWhenThen(userDecider, userProjection);
const ada = { firstName: 'Ada', lastName: 'Lovelace', email: 'Ada@Example.org' };
const created = { type: 'userCreated_v2', data: ada };
const deleted = { type: 'userDeleted_v1', data: {} };
const emailChanged = (email: string) => ({ type: 'userEmailChanged_v1', data: { email } });
const firstNameChanged = (firstName: string) => ({ type: 'userFirstNameChanged_v1', data: { firstName } });
const lastNameChanged = (lastName: string) => ({ type: 'userLastNameChanged_v1', data: { lastName } });

describe('create', () => {
  const create = { kind: 'create', user: ada } as const;
  test('a new one', () => given().when(create).then(created));
  test('claims the address', () => given().when(create).thenClaims(['email:ada@example.org']));
  test('an id in use', () => {
    given(created).when(create).thenFails('id-taken');
  });
  test('an id that was removed', () => {
    given(created, deleted).when(create).thenFails('id-removed');
  });
  test('an id in use by a user of the first version', () => {
    given({ type: 'userCreated_v1', data: { name: 'Ada Lovelace', email: 'a@b.c' } })
      .when(create)
      .thenFails('id-taken');
  });
});

describe('change', () => {
  const change = (changes: Partial<typeof ada>) => ({ kind: 'change', changes }) as const;
  test('one specific event for each field that is another', () => {
    given(created)
      .when(change({ firstName: 'Augusta', lastName: 'King', email: 'king@example.org' }))
      .then(firstNameChanged('Augusta'), lastNameChanged('King'), emailChanged('king@example.org'));
  });
  test('what is the same already is no event', () => {
    given(created).when(change(ada)).then();
    given(created).when(change({})).then();
    given(created)
      .when(change({ ...ada, lastName: '' }))
      .then(lastNameChanged(''));
  });
  test('on what the events made of it', () => {
    given(created, firstNameChanged('Augusta'))
      .when(change({ firstName: 'Ada' }))
      .then(firstNameChanged('Ada'));
    given({ type: 'userCreated_v1', data: { name: 'Ada Lovelace', email: 'a@b.c' } })
      .when(change({ firstName: 'Ada', lastName: 'Lovelace' }))
      .then();
  });
  test('a user that is not there, or was deleted', () => {
    given()
      .when(change({ firstName: 'x' }))
      .thenFails('not-found');
    given(created, deleted)
      .when(change({ firstName: 'x' }))
      .thenFails('deleted');
  });
  test('another address is claimed; a change of case alone is an event without a claim', () => {
    given(created)
      .when(change({ email: 'new@example.org' }))
      .thenClaims(['email:new@example.org']);
    given(created)
      .when(change({ email: 'ada@example.ORG' }))
      .then(emailChanged('ada@example.ORG'));
    given(created)
      .when(change({ email: 'ada@example.ORG' }))
      .thenClaims([]);
    given(created)
      .when(change({ firstName: 'x' }))
      .thenClaims([]);
  });
  test('a return to an address is claimed anew', () => {
    given(created, emailChanged('other@example.org'))
      .when(change({ email: ada.email }))
      .thenClaims(['email:ada@example.org']);
  });
});

describe('delete', () => {
  test('once', () => given(created).when({ kind: 'delete' }).then(deleted));
  test('never twice, and not what is not there', () => {
    given(created, deleted).when({ kind: 'delete' }).thenFails('deleted');
    given().when({ kind: 'delete' }).thenFails('not-found');
  });
  test('claims nothing', () => given(created).when({ kind: 'delete' }).thenClaims([]));
});

describe('folding is total', () => {
  const { evolve, initialState } = userProjection;
  test('late news does not revive a deleted user, and a stranger’s order of events is folded as it comes', () => {
    const dead = evolve(evolve(initialState, { type: 'userCreated_v2', data: ada }), {
      type: 'userDeleted_v1',
      data: {},
    });
    expect(evolve(dead, { type: 'userFirstNameChanged_v1', data: { firstName: 'x' } })).toMatchObject({
      state: 'deleted',
      data: { firstName: 'x' },
    });
    expect(evolve(initialState, { type: 'userEmailChanged_v1', data: { email: 'x' } })).toMatchObject({
      state: 'active',
      data: { email: 'x' },
    });
    expect(evolve(initialState, { type: 'userDeleted_v1', data: {} })).toMatchObject({ state: 'deleted' });
  });
  test('a deleted user’s later address is not claimed', () => {
    const dead = { state: 'deleted', data: ada } as const;
    expect(userDecider.claims?.({ type: 'userEmailChanged_v1', data: { email: 'x@y.z' } }, dead)).toEqual([]);
  });
});

describe('a claim is given up', () => {
  const subject = newSubject('user');
  const endedBy = (type: string, data: Record<string, unknown>) =>
    emailClaimRule.endedBy('email:ada@example.org', eventOf({ subject, version: 2, type, data }));
  test.each([
    ['by deletion', 'userDeleted_v1', {}, true],
    ['by another address', 'userEmailChanged_v1', { email: 'other@example.org' }, true],
    [
      'by a creation with another address, as a stranger may write it',
      'userCreated_v1',
      { name: 'x', email: 'o@x.org' },
      true,
    ],
    ['not by another spelling', 'userEmailChanged_v1', { email: ' ADA@example.ORG ' }, false],
    ['not by another name', 'userFirstNameChanged_v1', { firstName: 'x' }, false],
    ['not by an event that cannot be read', 'userEmailChanged_v1', { email: 17 }, false],
    ['not by a version that is not known', 'userEmailChanged_v9', { email: 'other@example.org' }, false],
  ])('%s', (_, type, data, ended) => {
    expect(endedBy(type, data)).toBe(ended);
  });
  test('every type that can end one is asked for', () => {
    for (const type of ['userDeleted_v1', 'userCreated_v1', 'userCreated_v2', 'userEmailChanged_v1']) {
      expect(emailClaimRule.types).toContain(type);
    }
    expect(emailClaim(' Ada@Example.org ')).toBe(`email:${normaliseEmail('ada@example.org')}`);
  });
});
