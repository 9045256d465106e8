// Goal: a name is split as `userCreated_v1` promises, and two spellings of one address are one. Method: names and spellings by hand.
import { normaliseEmail, splitName } from './users.ts';

test.each([
  ['Ada King Lovelace', 'Ada King', 'Lovelace'],
  ['Ada Lovelace', 'Ada', 'Lovelace'],
  ['  Ada   Lovelace  ', 'Ada', 'Lovelace'],
  ['Ada\u00a0Lovelace', 'Ada', 'Lovelace'],
  ['Ada\tKing\nLovelace', 'Ada\tKing', 'Lovelace'],
  ['Ada', 'Ada', ''],
  ['', '', ''],
  ['   ', '', ''],
])('the name %p is split into %p and %p', (name, firstName, lastName) => {
  expect(splitName(name)).toEqual({ firstName, lastName });
});

test('two spellings of one address', () => {
  expect(normaliseEmail('  Ada@Example.ORG ')).toBe('ada@example.org');
});
