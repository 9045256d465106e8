// Goal: types and subjects are taken apart as they were put together.
import { idOf, kindOf, stemOf, subjectOf } from './event.ts';

const id = '01900000-0000-7000-8000-000000000001';

test.each([
  ['userCreated_v2', 'userCreated'],
  ['itemMovedToCategory_v12', 'itemMovedToCategory'],
  ['userCreated', undefined],
  ['userCreated_v0', undefined],
  ['userCreated_v1234567', undefined],
  ['', undefined],
])('the stem of %p is %p', (type, stem) => {
  expect(stemOf(type)).toBe(stem);
});

test('subjects', () => {
  expect(subjectOf('user', id)).toBe(`user-${id}`);
  expect([kindOf(`user-${id}`), idOf(`user-${id}`)]).toEqual(['user', id]);
  expect(kindOf(`channel-group-${id}`)).toBe('channel-group');
  for (const other of ['', id, `-${id}`, 'user', `user_${id}`]) expect(kindOf(other)).toBe('');
});
