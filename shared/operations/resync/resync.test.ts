// Goal: an offset is committed only behind a whole resync, whoever else resyncs at the same time, and what keeps one from ending is
// said and tried again. Method: the real orchestrator on a group and a log in memory; the topic's source is a function.
import { silentLogger } from '../../testing/index.ts';
import type { PartitionOffsets } from './group-offsets.ts';
import { createResync } from './resync.ts';
import type { BegunResync, TopicResync } from './resync-ports.ts';

const limits = { commitTriesMax: 3, progressEveryMs: 1000, retry: { initialMs: 1, maxMs: 2 } };
const never = new AbortController().signal;

function world(committed: bigint | undefined, given: Partial<TopicResync> = {}) {
  const steps: string[] = [];
  const log = { committed, start: 0n, end: 50n };
  /** What the broker answers to the next commits, before it takes them. */
  const refusals: (() => void)[] = [];
  const source = {
    takeIn: async (_begun: BegunResync) => true,
  };
  const resync = createResync({
    offsets: {
      async of(topic): Promise<PartitionOffsets[]> {
        return [{ partition: 0, ...log, ...(topic === 'quiet' ? { committed: 50n } : {}) }];
      },
      async commit(_, offsets) {
        steps.push(`commit ${offsets.get(0)}`);
        refusals.shift()?.();
        log.committed = offsets.get(0);
      },
    },
    topics: [
      { topic: 'quiet', takeIn: () => Promise.reject(new Error('it has its offset')) },
      {
        topic: 'things',
        ...given,
        async takeIn(begun) {
          steps.push(`take in (${begun.reason})`);
          return source.takeIn(begun);
        },
      },
    ],
    limits,
    clock: { now: () => new Date(0) },
    log: silentLogger,
    begun: (topic, reason) => steps.push(`begun ${topic} ${reason}`),
  });
  return { resync, log, source, steps, refusals };
}

test('a group with its offsets goes on, and nobody is asked for anything', async () => {
  const { resync, steps } = world(3n);
  expect(resync.isSettled()).toBe(false);
  await resync.ensure(never);
  expect(steps).toEqual([]);
  expect(resync.isSettled()).toBe(true);
});

test('the ends are noted before anything is taken in, and committed behind it', async () => {
  const { resync, log, source, steps } = world(undefined);
  source.takeIn = async ({ report }) => {
    log.end = 99n;
    report(1, 2);
    expect(resync.state()).toMatchObject({ topic: 'things', reason: 'new', done: 1, of: 2, trouble: undefined });
    return true;
  };
  await resync.ensure(never);
  expect(steps).toEqual(['begun things new', 'take in (new)', 'commit 50']);
  expect(resync.state()).toBeUndefined();
});

test('what is not proven is read from the first record that the group has not seen', async () => {
  const { resync, log, source } = world(undefined);
  source.takeIn = async () => false;
  await resync.ensure(never);
  expect(log.committed).toBe(0n);
});

test('a source that fails leaves no offset, says why, and the next try is the same resync', async () => {
  const { resync, log, source, steps } = world(undefined);
  source.takeIn = () => Promise.reject(new Error('the source is away'));
  await expect(resync.ensure(never)).rejects.toThrow('the source is away');
  expect(log.committed).toBeUndefined();
  expect(resync.state()).toMatchObject({ topic: 'things', trouble: 'the source is away' });
  expect(resync.isSettled()).toBe(false);
  source.takeIn = async () => true;
  await resync.ensure(never);
  expect(steps.slice(-2)).toEqual(['take in (new)', 'commit 50']);
});

test('what is closed in the middle leaves no offset', async () => {
  const { resync, log, source } = world(undefined);
  const closing = new AbortController();
  source.takeIn = async () => {
    closing.abort();
    return true;
  };
  await resync.ensure(closing.signal);
  expect(log.committed).toBeUndefined();
});

test('hazard: two processes resync at once. Whoever finds the offsets of the other leaves them as they are', async () => {
  const { resync, log, source, steps } = world(undefined);
  source.takeIn = async () => {
    log.committed = 48n;
    return true;
  };
  await resync.ensure(never);
  expect(steps).not.toContain('commit 50');
});

test('hazard: the other one runs already when the offsets are committed. They are looked at again, not forced', async () => {
  const { resync, log, refusals } = world(undefined);
  refusals.push(() => {
    log.committed = 49n;
    throw new Error('the group is not empty');
  });
  await resync.ensure(never);
  expect(log.committed).toBe(49n);
});

test('a commit that went through in part, or not at all, is made again, a bounded number of times', async () => {
  const { resync, steps, refusals } = world(undefined);
  const refuse = () => {
    throw new Error('the group is not empty');
  };
  refusals.push(refuse, refuse);
  await resync.ensure(never);
  expect(steps.filter((step) => step === 'commit 50')).toHaveLength(3);

  const hopeless = world(undefined);
  hopeless.refusals.push(...Array.from({ length: 10 }, () => refuse));
  await expect(hopeless.resync.ensure(never)).rejects.toThrow('could not be committed');
});

test('a group that is only far behind takes the short way, unless its own consumers are at work', async () => {
  const { resync, log, steps } = world(3n, { behindMax: 10, overlapMax: 5 });
  await resync.ensure(never);
  expect(steps).toEqual(['begun things behind', 'take in (behind)', 'commit 45']);
  expect(log.committed).toBe(45n);

  const busy = world(3n, { behindMax: 10 });
  busy.refusals.push(() => {
    throw new Error('the group is not empty');
  });
  await busy.resync.ensure(never);
  expect(busy.log.committed).toBe(3n);
});
