// Goal: a service never goes on where records are gone, and never begins anew where nothing is. Method: a table of offsets, each
// partition written as own/start/end (`-` for none), against what is decided and where live reading would begin.
import {
  backlogOf,
  isWhole,
  liveOffsets,
  offsetStateOf,
  type PartitionOffsets,
  resyncReason,
} from './topic-offsets.ts';

function place(text: string, partition = 0): PartitionOffsets {
  const [own, start, end] = text.split('/') as [string, string, string];
  return {
    partition,
    start: BigInt(start),
    end: BigInt(end),
    own: own === '-' ? undefined : BigInt(own),
  };
}
const offsets = (text: string) => text.split(' ').map((one, i) => place(one, i));

test.each([
  ['-/0/0', 'none'],
  ['-/5/9', 'none'],
  ['0/0/0', 'kept'],
  ['5/5/9', 'kept'],
  ['9/0/9', 'kept'],
  ['4/5/9', 'lost'],
  ['4/5/5', 'lost'],
  ['10/0/9', 'lost'],
] as const)('a partition at %s is %s', (text, standing) => {
  expect(offsetStateOf(place(text))).toBe(standing);
});

test.each([
  ['an empty topic that nobody ever read', '-/0/0 -/0/0', undefined],
  ['a new group on a topic with records', '-/0/3 -/0/0', 'new'],
  ['a group whose offsets were deleted', '-/7/9 -/2/9', 'new'],
  ['a topic that was emptied below a new group', '-/9/9 -/0/0', 'new'],
  ['every place kept', '3/0/9 0/0/0', undefined],
  ['a partition that was empty when the others were committed', '3/0/9 -/0/4', undefined],
  ['the same, when its beginning is gone meanwhile', '3/0/9 -/2/4', 'lost'],
  ['one partition cut below the group', '3/4/9 5/4/9', 'lost'],
  ['a topic that was made anew', '8/0/3 2/0/3', 'lost'],
  ['a backlog at its limit', '4/0/9 4/0/9', undefined],
  ['a backlog above its limit', '4/0/9 3/0/9', 'behind'],
  ['a backlog of what was never committed', '-/0/9 4/0/6', 'behind'],
  ['a cut counts before a backlog', '3/4/99 5/4/9', 'lost'],
] as const)('%s', (_, text, reason) => {
  expect(resyncReason(offsets(text), 10)).toBe(reason);
});

test('without a limit no backlog is too long', () => {
  expect(resyncReason(offsets('0/0/1000000000000'))).toBeUndefined();
});

test.each([
  ['-/0/9 3/2/9', true],
  ['-/1/9 3/2/9', false],
  ['1/2/9 3/2/9', false],
  // Another topic of the same name, from its beginning.
  ['12/0/9 3/2/9', true],
] as const)('whether the log holds all that the group at %s has not seen: %s', (text, whole) => {
  expect(isWhole(offsets(text))).toBe(whole);
});

test('live reading begins at the noted ends, or before them by the overlap, and never before what the group has not seen', () => {
  const given = offsets('-/0/50 -/48/50 45/0/50 49/0/50 1/30/50');
  const from = (complete: boolean, overlap: number) =>
    [...liveOffsets(given, { complete, overlap }).values()].map(Number);
  expect(from(true, 0)).toEqual([50, 50, 50, 50, 50]);
  expect(from(true, 3)).toEqual([47, 48, 47, 49, 47]);
  expect(from(true, 1000)).toEqual([0, 48, 45, 49, 30]);
  expect(from(false, 3)).toEqual([0, 48, 45, 49, 30]);
});

test.each([
  ['nobody ever read it', '-/0/3 -/2/9', 10],
  ['all of it was read', '3/0/3 9/2/9', 0],
  ['a part was read', '1/0/3 8/2/9', 3],
  ['what was not read is gone in part', '1/2/9 -/0/0', 7],
] as const)('before a group, when %s', (_name, text, backlog) => {
  expect(backlogOf(offsets(text))).toBe(backlog);
});
