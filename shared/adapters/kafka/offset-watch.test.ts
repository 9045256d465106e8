// Goal: a consumer folds from the service's own offset on, whatever the group committed; a log that was cut or replaced ends the consumer; gaps
// that lose nothing are passed. Method: batches by hand, a consumer that notes where it is sent, and a broker that answers; real brokers are
// in the tests of the resync and of the own offsets.
import type { Batch, Consumer, KafkaMessage } from 'kafkajs';
import type { OwnOffsets } from '../../operations/ports.ts';
import { inMemoryOwnOffsets } from '../in-memory/own-offsets.ts';
import type { KafkaClient } from './kafka-client.ts';
import { watchOffsets } from './offset-watch.ts';

const topic = 'things';

interface Given {
  readonly committed?: number;
  readonly start?: number;
  readonly isResynced?: boolean;
  readonly own?: OwnOffsets;
}

/** One partition with what its group committed, and where its log begins. */
async function watching({ committed = -1, start = 0, isResynced = true, own = inMemoryOwnOffsets() }: Given) {
  const lost: string[] = [];
  const foreign: string[] = [];
  const sent: string[] = [];
  let join: () => void = () => {};
  const admin = {
    connect: async () => {},
    disconnect: async () => {},
    fetchOffsets: async () => [{ topic, partitions: [{ partition: 0, offset: String(committed) }] }],
    fetchTopicOffsets: async () => [{ partition: 0, low: String(start), high: '100' }],
  };
  const watch = watchOffsets({
    kafka: { admin: () => admin } as unknown as KafkaClient,
    groupId: 'a-group',
    topics: [topic],
    own,
    resyncs: () => isResynced,
    lost: async (_, what) => void lost.push(what),
    foreign: async (_, what) => void foreign.push(what),
  });
  const consumer = {
    events: { GROUP_JOIN: 'joined' },
    seek: ({ offset }: { offset: string }) => sent.push(offset),
    on: (_: string, listener: (event: object) => void) => {
      join = () => listener({ payload: { memberAssignment: { [topic]: [0] } } });
    },
  } as unknown as Consumer;
  await watch.begin(consumer);
  join();
  const nextOf = async () => (await own.of(topic))?.get(0)?.next;
  return {
    own,
    lost,
    foreign,
    sent,
    nextOf,
    rejoin: () => join(),
    /** @returns the offsets that are folded; undefined when the consumer is sent elsewhere */
    async fold(fetchedOffset: number, offsets: readonly number[], { last = offsets.at(-1), log = 'log' } = {}) {
      const messages = offsets.map((offset) => ({ offset: String(offset) }));
      const batch = {
        topic,
        partition: 0,
        messages,
        fetchedOffset: String(fetchedOffset),
        lastOffset: () => `${last}`,
      };
      const unfolded = await watch.unfolded(
        batch as unknown as Batch,
        ({ offset }: KafkaMessage) => `${log} ${offset}`,
      );
      await unfolded?.moveOn();
      return unfolded?.messages.map(({ offset }) => Number(offset));
    },
  };
}

const ownAt = async (next: bigint, log = 'log') => {
  const own = inMemoryOwnOffsets();
  await own.set(topic, new Map([[0, 0n]]));
  await own.move(topic, 0, 0n, { next, last: { offset: next - 1n, id: `${log} ${next - 1n}` } });
  return own;
};

test('a consumer begins at its own offset and moves it on', async () => {
  const { sent, fold, nextOf } = await watching({ own: await ownAt(5n), committed: 5 });
  // The record before it is read again, because it shows whether the log is the same.
  expect(sent).toEqual(['4']);
  expect(await fold(4, [4, 5, 6])).toEqual([5, 6]);
  expect(await fold(7, [7])).toEqual([7]);
  expect(await nextOf()).toBe(8n);
});

test('a topic that no resync covers goes on from the committed offset, or from the beginning', async () => {
  const { sent, fold } = await watching({ committed: 40, isResynced: false });
  expect(sent).toEqual(['40']);
  expect(await fold(40, [40])).toEqual([40]);
  const fresh = await watching({ isResynced: false });
  expect(fresh.sent).toEqual(['0']);
  expect(await fresh.fold(0, [0, 1])).toEqual([0, 1]);
});

test.each([
  ['ahead', 80, ['things/0: the group is committed to 80, and the service folded up to 5']],
  ['behind', 2, []],
])('hazard: another program committed an offset %s of it', async (_, committed, said) => {
  const { sent, foreign, fold, nextOf } = await watching({ own: await ownAt(5n), committed });
  expect(sent).toEqual(['4']);
  expect(foreign).toEqual(said);
  expect(await fold(4, [4, 5])).toEqual([5]);
  expect(await nextOf()).toBe(6n);
});

test('hazard: a batch begins later than asked for; the consumer is sent back, and nothing is moved', async () => {
  const { sent, fold, nextOf } = await watching({ own: await ownAt(5n), committed: 80 });
  expect(await fold(80, [80, 81])).toBeUndefined();
  expect(sent).toEqual(['4', '4']);
  expect(await nextOf()).toBe(5n);
  expect(await fold(4, [4, 5, 80])).toEqual([5, 80]);
});

test('a gap that the broker confirms is passed: markers of transactions, and records that compaction removed', async () => {
  const { fold, nextOf, sent } = await watching({ own: await ownAt(5n) });
  expect(await fold(4, [4, 9], { last: 11 })).toEqual([9]);
  expect(await nextOf()).toBe(12n);
  // kafkajs itself passes a batch that holds nothing but markers.
  expect(await fold(15, [15])).toBeUndefined();
  expect(await fold(15, [15])).toEqual([15]);
  expect(sent).toEqual(['4', '12']);
});

test.each([
  ['between two starts', 5n],
  ['in the middle', 1n],
])('hazard: a log that is cut %s', async (_, own) => {
  const { lost, fold, nextOf } = await watching({ own: await ownAt(own), start: 40 });
  await expect(fold(40, [40, 41])).rejects.toThrow(`things/0 was cut to 40, and its consumer was at ${own}`);
  expect(lost).toHaveLength(1);
  expect(await nextOf()).toBe(own);
});

test('hazard: a topic of the same name with other records; the offsets are given up', async () => {
  const { own, fold } = await watching({ own: await ownAt(5n, 'the former log') });
  await expect(fold(4, [4, 5])).rejects.toThrow('things/0 has another record at 4 than the one that was folded');
  expect(await own.of(topic)).toBeUndefined();
});

test('hazard: a topic that is replaced below a running consumer, which kafkajs then reads from its beginning', async () => {
  const { fold, nextOf } = await watching({ own: await ownAt(5n) });
  await fold(4, [4, 5]);
  await expect(fold(0, [0, 1])).rejects.toThrow('things/0 was read from 0 on and not from 6: the log was replaced');
  expect(await nextOf()).toBe(6n);
});

test('hazard: another process folded on meanwhile; what it folded is not folded again', async () => {
  const { own, fold, sent, rejoin, nextOf } = await watching({ own: await ownAt(5n) });
  await own.move(topic, 0, 5n, { next: 50n, last: { offset: 49n, id: 'log 49' } });
  rejoin();
  expect(await fold(4, [4, 5, 6])).toBeUndefined();
  expect(sent.at(-1)).toBe('50');
  expect(await fold(50, [50])).toEqual([50]);
  expect(await nextOf()).toBe(51n);
});

test('hazard: two processes fold the same records, because a session ended in the middle of a batch', async () => {
  const own = await ownAt(5n);
  const [one, two] = [await watching({ own }), await watching({ own })];
  expect(await one.fold(4, [4, 5, 6])).toEqual([5, 6]);
  expect(await two.fold(4, [4, 5, 6, 7])).toEqual([7]);
  expect(await one.nextOf()).toBe(8n);
  expect(await one.fold(7, [7, 8])).toEqual([7, 8]);
  expect(await one.nextOf()).toBe(9n);
});

test('hazard: the offsets are set back or given up below a running consumer, which begins anew then', async () => {
  const { own, fold } = await watching({ own: await ownAt(5n) });
  await fold(4, [4, 5]);
  await own.set(topic, new Map([[0, 2n]]));
  await expect(fold(6, [6])).rejects.toThrow('the own offset of things/0 was 6 and is 2 now');
  await own.forget(topic);
  await expect(fold(6, [6])).rejects.toThrow('the own offset of things/0 was');
});

test('hazard: another process gave the offsets up just before; what the group committed is not taken over', async () => {
  await expect(watching({ committed: 40 })).rejects.toThrow('the own offsets in things were given up');
});

test('hazard: another process set the offset back; nothing is passed over', async () => {
  const { own, fold, rejoin } = await watching({ own: await ownAt(5n) });
  await own.set(topic, new Map([[0, 2n]]));
  rejoin();
  await expect(fold(4, [4, 5])).rejects.toThrow('the own offset of things/0 was 5 and is 2 now');
});

test('a batch of the record that was folded last moves nothing', async () => {
  const { fold, nextOf } = await watching({ own: await ownAt(5n) });
  expect(await fold(4, [4])).toEqual([]);
  expect(await nextOf()).toBe(5n);
  expect(await fold(5, [5])).toEqual([5]);
});

describe('a topic that no resync covers', () => {
  test('begins where its log does, also when that was cut before the service read it', async () => {
    const { sent, fold, lost } = await watching({ start: 40, isResynced: false });
    expect(sent).toEqual(['40']);
    expect(await fold(40, [40, 41])).toEqual([40, 41]);
    expect(lost).toEqual([]);
  });

  test('hazard: its log is cut below the consumer; the loss is told once, and the rest is followed', async () => {
    const { sent, fold, lost, nextOf } = await watching({ own: await ownAt(5n), start: 40, isResynced: false });
    expect(await fold(40, [40, 41])).toBeUndefined();
    expect([sent.at(-1), await nextOf()]).toEqual(['40', 40n]);
    expect(await fold(40, [40, 41])).toEqual([40, 41]);
    expect(lost).toEqual(['things/0 was cut to 40, and its consumer was at 5']);
  });

  test.each([
    ['below the consumer', 0, [0, 1]],
    ['between two starts', 4, [4, 5]],
  ] as const)('hazard: its log is replaced %s; the new one is read from its beginning', async (_, fetched, offsets) => {
    const { sent, fold, lost } = await watching({ own: await ownAt(5n, 'the former log'), isResynced: false });
    expect(await fold(fetched, offsets)).toBeUndefined();
    expect(sent.at(-1)).toBe('0');
    expect(await fold(0, [0, 1])).toEqual([0, 1]);
    expect(lost).toHaveLength(1);
  });
});
