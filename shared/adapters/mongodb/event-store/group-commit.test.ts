// Goal: what arrives while a write is in flight leaves together; each caller gets its own result; everything is bounded.
import { createGroupCommit, type GroupLimits } from './group-commit.ts';

function gatedWriter() {
  const groups: number[][] = [];
  const gates: ((results?: readonly string[] | Error) => void)[] = [];
  const write = (members: readonly number[]) =>
    new Promise<readonly string[]>((resolve, reject) => {
      groups.push([...members]);
      gates.push((results = members.map((member) => `wrote ${member}`)) =>
        results instanceof Error ? reject(results) : resolve(results),
      );
    });
  return { groups, gates, write };
}

const limits: GroupLimits = { groupsInFlightMax: 1, membersMax: 100, queueMax: 100 };
const turn = () => new Promise(setImmediate);

test('a lone caller is written at once; those who come meanwhile leave together, each with its own result', async () => {
  const { groups, gates, write } = gatedWriter();
  const { submit } = createGroupCommit(limits, write);
  const results = [1, 2, 3, 4].map((member) => submit(member));
  expect(groups).toEqual([[1]]);
  gates[0]?.();
  await turn();
  expect(groups).toEqual([[1], [2, 3, 4]]);
  gates[1]?.(['two', 'three', 'four']);
  expect(await Promise.all(results)).toEqual(['wrote 1', 'two', 'three', 'four']);
});

test('no more groups are in flight than allowed, and no more members in one', async () => {
  const { groups, gates, write } = gatedWriter();
  const { submit } = createGroupCommit({ ...limits, groupsInFlightMax: 2, membersMax: 2 }, write);
  const results = [1, 2, 3, 4, 5].map((member) => submit(member));
  expect(groups).toEqual([[1], [2]]);
  for (let i = 0; i < 4; i += 1) {
    gates[i]?.();
    await turn();
  }
  expect(groups).toEqual([[1], [2], [3, 4], [5]]);
  await Promise.all(results);
});

test('a write that failed fails for its own members only, and the next goes on', async () => {
  const { gates, write } = gatedWriter();
  const { submit } = createGroupCommit(limits, write);
  const [first, second] = [submit(1), submit(2)];
  gates[0]?.(new Error('gone'));
  await expect(first).rejects.toThrow('gone');
  gates[1]?.();
  await expect(second).resolves.toBe('wrote 2');
});

test('one more than may wait is refused as overloaded, and those who wait are served', async () => {
  const { gates, write } = gatedWriter();
  const { submit } = createGroupCommit({ ...limits, queueMax: 2 }, write);
  const waiting = [submit(1), submit(2), submit(3)];
  await expect(submit(4)).rejects.toMatchObject({ code: 'overloaded' });
  gates[0]?.();
  await turn();
  gates[1]?.();
  expect(await Promise.all(waiting)).toHaveLength(3);
});
