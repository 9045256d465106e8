// Goal: the specification helper passes what is so, and fails what is not: each assertion is seen to fail.
import { givenWhenThen } from './given-when-then.ts';
import { thingDecider, thingProjection } from './workspace/thing.ts';

const given = givenWhenThen(thingDecider, thingProjection);
const named = (name: string) => ({ type: 'thingNamed_v2', data: { name } });
const putInto = (boxId: string) => ({ type: 'thingPutIntoBox_v1', data: { boxId } });
const removed = { type: 'thingRemoved_v1', data: {} };

test('what is so passes', () => {
  given().when({ kind: 'name', name: 'a' }).then(named('a'));
  given(named('a')).when({ kind: 'name', name: 'a' }).then();
  given(named('a'), removed).when({ kind: 'remove' }).thenFails('deleted');
  given().when({ kind: 'nameAndPut', name: 'a', boxId: 'b' }).then(named('a'), putInto('b'));
  given().when({ kind: 'nameAndPut', name: 'A', boxId: 'b' }).thenClaims(['name:a'], []);
});

test('an old version is given as it was stored', () => {
  given({ type: 'thingNamed_v1', data: { title: 'a' } })
    .when({ kind: 'name', name: 'a' })
    .then();
});

const wrong: readonly [string, () => void][] = [
  ['other data', () => given().when({ kind: 'name', name: 'a' }).then(named('b'))],
  ['one event too few', () => given().when({ kind: 'name', name: 'a' }).then()],
  ['one event too many', () => given(named('a')).when({ kind: 'name', name: 'a' }).then(named('a'))],
  ['another order', () => given().when({ kind: 'nameAndPut', name: 'a', boxId: 'b' }).then(putInto('b'), named('a'))],
  ['events where a refusal came', () => given().when({ kind: 'remove' }).then(removed)],
  ['no events where a refusal came', () => given().when({ kind: 'remove' }).then()],
  ['another refusal', () => given().when({ kind: 'remove' }).thenFails('deleted')],
  ['a refusal where events came', () => given().when({ kind: 'name', name: 'a' }).thenFails('deleted')],
  ['a refusal where nothing came', () => given(named('a')).when({ kind: 'name', name: 'a' }).thenFails('deleted')],
  ['other claims', () => given().when({ kind: 'name', name: 'a' }).thenClaims(['name:b'])],
  ['claims where a refusal came', () => given().when({ kind: 'remove' }).thenClaims()],
  ['an event that the projection ignores', () => given({ type: 'thingSeen_v1', data: {} })],
  ['an event that cannot be read', () => given({ type: 'thingNamed_v2', data: {} })],
];

test.each(wrong)('%s fails', (_, specification) => {
  expect(specification).toThrow();
});

test('a fault of the decider is no refusal', () => {
  const broken = givenWhenThen(
    {
      ...thingDecider,
      decide: () => {
        throw new TypeError('broken');
      },
    },
    thingProjection,
  );
  expect(() => broken().when({ kind: 'remove' }).thenFails('deleted')).toThrow(TypeError);
});
