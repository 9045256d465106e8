// Goal: who stands for whom follows from the edges alone, whatever the order in which they are read, and fields are merged by rule.
import { inMergeOrder, mergedFields, survivorOf, withAbsorbed, withoutMerge, withSurvivor } from './merging.ts';
import type { View } from './projection.ts';

const plain: View = { state: 'active', data: {} };

test('an absorbed one names its survivor until that merge is retracted; the retraction of another changes nothing', () => {
  const absorbed = withSurvivor(plain, 'm1', 's');
  expect(absorbed).toEqual({ ...plain, mergedInto: 's', mergeId: 'm1' });
  expect(withoutMerge(absorbed, 'm2')).toEqual(absorbed);
  expect(withoutMerge(absorbed, 'm1')).toEqual(plain);
});

test('a survivor lists what it absorbed, each merge once, until it is retracted', () => {
  const one = withAbsorbed(withAbsorbed(plain, 'm1', 'a'), 'm1', 'a');
  const both = withAbsorbed(one, 'm2', 'b');
  expect(both).toEqual({
    ...plain,
    absorbed: [
      { mergeId: 'm1', absorbedId: 'a' },
      { mergeId: 'm2', absorbedId: 'b' },
    ],
  });
  expect(withoutMerge(both, 'm1')).toEqual({ ...plain, absorbed: [{ mergeId: 'm2', absorbedId: 'b' }] });
  expect(withoutMerge(withoutMerge(both, 'm1'), 'm2')).toEqual(plain);
});

test('the survivor is at the end of the chain; in a circle of strangers everybody has the same one', () => {
  const edges: Record<string, string> = { a: 'b', b: 'c', x: 'z', y: 'x', z: 'y', w: 'x' };
  const find = (id: string) => survivorOf(id, (one) => edges[one]);
  expect(['a', 'b', 'c'].map(find)).toEqual(['c', 'c', 'c']);
  expect(['x', 'y', 'z', 'w'].map(find)).toEqual(['x', 'x', 'x', 'x']);
});

test('behind each come those merged into it, by the order of the merges, in whatever order they were read', () => {
  const one = (id: string, mergedInto?: string, mergeId?: string) => ({ id, mergedInto, mergeId });
  const all = [
    one('e', 'b', 'm0'),
    one('c', 'a', 'm1'),
    one('a'),
    one('b', 'a', 'm3'),
    one('other', 'nobody', 'm4'),
    one('d', 'c', 'm5'),
  ];
  for (const order of [all, all.toReversed()])
    expect(inMergeOrder('a', order).map(({ id }) => id)).toEqual(['a', 'c', 'd', 'b', 'e']);
  expect(inMergeOrder('x', [one('x', 'y', 'm1'), one('y', 'x', 'm2')]).map(({ id }) => id)).toEqual(['x', 'y']);
});

test('the first value wins, gaps are filled, and every other value stays visible once', () => {
  const { winners, alternatives } = mergedFields(
    ['firstName', 'lastName', 'email'],
    [
      { firstName: 'Ada', lastName: '' },
      { firstName: 'Ada', lastName: 'King', email: 'a@x' },
      { firstName: 'A.', email: 'b@x' },
    ],
  );
  expect(winners).toEqual({ firstName: 'Ada', lastName: 'King', email: 'a@x' });
  expect(alternatives).toEqual({ firstName: ['A.'], email: ['b@x'] });
});
