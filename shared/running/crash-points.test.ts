// Goal: the named place ends the process the n-th time it is passed, and no other does.
import { crashPoints } from './crash-points.ts';

function passed(plan: string, names: readonly string[]): number[] {
  const kills: number[] = [];
  let place = 0;
  const crashAt = crashPoints(plan, () => kills.push(place));
  for (const [i, name] of names.entries()) {
    place = i;
    crashAt(name);
  }
  return kills;
}

test('by name, and by count', () => {
  const names = ['before-insert', 'after-insert', 'before-insert', 'before-insert'];
  expect(passed('', names)).toEqual([]);
  expect(passed('before-insert', names)).toEqual([0]);
  expect(passed('before-insert:2', names)).toEqual([2]);
  expect(passed('before-insert:9', names)).toEqual([]);
  expect(passed('elsewhere', names)).toEqual([]);
});
