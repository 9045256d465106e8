// Goal: an offset is stored only after a whole resync, whoever else resyncs at the same time, and what keeps one from ending is
// said and tried again. Method: the real orchestrator on offsets and a log in memory; the topic's source is a function.
import { silentLogger } from '../../testing/index.ts';
import { createResync } from './resync.ts';
import type { BegunResync, TopicResync } from './resync-ports.ts';
import type { PartitionOffsets } from './topic-offsets.ts';

const limits = { progressEveryMs: 1000 };
const never = new AbortController().signal;

function world(own: bigint | undefined, given: Partial<TopicResync> = {}) {
  const steps: string[] = [];
  const log = { own, start: 0n, end: 50n };
  const source = {
    takeIn: async (_begun: BegunResync) => true,
  };
  const resync = createResync({
    offsets: {
      async of(topic): Promise<PartitionOffsets[]> {
        return [{ partition: 0, ...log, ...(topic === 'quiet' ? { own: 50n, end: 50n } : {}) }];
      },
      async begin(topic, offsets) {
        if (topic === 'things') log.own ??= offsets.get(0);
      },
      async set(_, offsets) {
        steps.push(`set ${offsets.get(0)}`);
        log.own = offsets.get(0);
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
  return { resync, log, source, steps };
}

test('a service with its offsets goes on, and nobody is asked for anything', async () => {
  const { resync, steps } = world(3n);
  expect(resync.isSettled()).toBe(false);
  await resync.ensure(never);
  expect(steps).toEqual([]);
  expect(resync.isSettled()).toBe(true);
});

test('the ends are noted before anything is taken in, and stored after it', async () => {
  const { resync, log, source, steps } = world(undefined);
  source.takeIn = async ({ report }) => {
    log.end = 99n;
    report(1, 2);
    expect(resync.state()).toMatchObject({ topic: 'things', reason: 'new', done: 1, of: 2, trouble: undefined });
    return true;
  };
  await resync.ensure(never);
  expect(steps).toEqual(['begun things new', 'take in (new)', 'set 50']);
  expect(resync.state()).toBeUndefined();
});

test('what is not proven is read from the first record that the service has not folded', async () => {
  const { resync, log, source } = world(undefined);
  source.takeIn = async () => false;
  await resync.ensure(never);
  expect(log.own).toBe(0n);
});

test('a source that fails leaves no offset, says why, and the next try is the same resync', async () => {
  const { resync, log, source, steps } = world(undefined);
  source.takeIn = () => Promise.reject(new Error('the source is away'));
  await expect(resync.ensure(never)).rejects.toThrow('the source is away');
  expect(log.own).toBeUndefined();
  expect(resync.state()).toMatchObject({ topic: 'things', trouble: 'the source is away' });
  expect(resync.isSettled()).toBe(false);
  source.takeIn = async () => true;
  await resync.ensure(never);
  expect(steps.slice(-2)).toEqual(['take in (new)', 'set 50']);
});

test('what is closed in the middle leaves no offset', async () => {
  const { resync, log, source } = world(undefined);
  const closing = new AbortController();
  source.takeIn = async () => {
    closing.abort();
    return true;
  };
  await resync.ensure(closing.signal);
  expect(log.own).toBeUndefined();
});

test('hazard: two processes resync at once. Whoever finds the offsets of the other leaves them as they are', async () => {
  const { resync, log, source, steps } = world(undefined);
  source.takeIn = async () => {
    log.own = 48n;
    return true;
  };
  await resync.ensure(never);
  expect(steps).not.toContain('set 50');
});

test('a topic that is empty begins at its start', async () => {
  const { resync, log, steps } = world(undefined);
  log.end = 0n;
  await resync.ensure(never);
  expect(steps).toEqual([]);
  expect(log.own).toBe(0n);
});

test('a service that is only far behind takes the short way, and never moves back what others folded meanwhile', async () => {
  const { resync, log, steps } = world(3n, { behindMax: 10, overlapMax: 5 });
  await resync.ensure(never);
  expect(steps).toEqual(['begun things behind', 'take in (behind)', 'set 45']);
  expect(log.own).toBe(45n);

  const busy = world(3n, { behindMax: 10, overlapMax: 5 });
  busy.source.takeIn = async () => {
    busy.log.own = 48n;
    return true;
  };
  await busy.resync.ensure(never);
  expect(busy.log.own).toBe(48n);
});
