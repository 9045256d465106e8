// Goal: a snapshot names only users that can have events, so that no placeholder of anything else is ever made. Method: one good
// snapshot, with each id wrong in its turn.
import { customerFromSnapshot } from './customer-copy.ts';

const id = '0190f3c2-0000-7000-8000-00000000000a';
const snapshot = {
  _id: `user-${id}`,
  version: 2,
  state: 'active',
  createdAt: '2026-01-15T08:30:00Z',
  time: '2026-01-15T08:30:00Z',
  data: { firstName: 'Ada', lastName: 'Lovelace', email: 'ada@example.org' },
  lastEventId: id,
  eventsDigest: 'a'.repeat(64),
  foldVersion: 1,
};

test('the survivor of a merge is named', () => {
  const mergedInto = '0190f3c2-0000-7000-8000-00000000000b';
  const taken = customerFromSnapshot({ ...snapshot, mergedInto, mergeId: id });
  expect(taken).toMatchObject({ document: { mergedInto }, names: [`user-${mergedInto}`] });
});

test.each([
  ['a survivor of any text', { mergedInto: 'somebody' }, '"user-somebody"'],
  ['no survivor', { mergedInto: '' }, '"user-"'],
  ['a survivor with its kind', { mergedInto: `user-${id}` }, `"user-user-${id}"`],
  ['a survivor of 600,000 characters', { mergedInto: 'x'.repeat(600_000) }, 'xxx…'],
  ['a user of hyphens', { _id: `user-${'-'.repeat(36)}` }, `"user-${'-'.repeat(36)}"`],
])('hazard: %s', (_, wrong, shownAs) => {
  const taken = customerFromSnapshot({ ...snapshot, ...wrong });
  expect(taken).toEqual({ fault: expect.stringContaining(shownAs) });
  expect('fault' in taken && taken.fault.length).toBeLessThan(200);
});
