// Goal: a consumer whose records were cut away says so, also at its first batch; gaps that lose nothing are passed. Method: batches by
// hand, and an admin that answers as a broker does; that a real log is cut below a real consumer is tried in the tests of the resync.
import type { Batch } from 'kafkajs';
import type { KafkaClient } from './kafka-client.ts';
import { watchCuts } from './kafka-feed.ts';

/** One partition: where its log begins, and where the group stands. */
function watch({ start, place }: { start: number; place: number }) {
  const told: string[] = [];
  const admin = {
    connect: async () => {},
    disconnect: async () => {},
    fetchOffsets: async () => [{ topic: 'things', partitions: [{ partition: 0, offset: String(place) }] }],
    fetchTopicOffsets: async () => [{ partition: 0, low: String(start), high: '100' }],
  };
  const cuts = watchCuts({ admin: () => admin } as unknown as KafkaClient, 'a-group', (what) => told.push(what));
  return {
    told,
    async handle(...offsets: number[]) {
      const messages = offsets.map((offset) => ({ offset: String(offset) }));
      const batch = { topic: 'things', partition: 0, messages } as unknown as Batch;
      await cuts.before(batch);
      cuts.handled(batch);
    },
  };
}

test('what begins at the place of its group, and follows on, lost nothing', async () => {
  const { told, handle } = watch({ start: 0, place: 5 });
  await handle(5, 6);
  await handle(7);
  expect(told).toEqual([]);
});

test('a group without a place begins where the log does', async () => {
  const { told, handle } = watch({ start: 40, place: -1 });
  await handle(40);
  expect(told).toEqual([]);
});

test('hazard: a log that is cut between the look at places and the first batch', async () => {
  const { told, handle } = watch({ start: 40, place: 5 });
  await handle(40, 41);
  expect(told).toEqual(['things/0 was cut to 40, and its consumer was at 5']);
});

test('hazard: a log that is cut below a consumer that runs', async () => {
  const { told, handle } = watch({ start: 40, place: 5 });
  await handle(5);
  await handle(40);
  expect(told).toEqual(['things/0 was cut to 40, and its consumer was at 6']);
});

test('a gap that the log still holds is no cut: the marks of transactions have places of their own', async () => {
  const { told, handle } = watch({ start: 0, place: 5 });
  await handle(6);
  await handle(9);
  expect(told).toEqual([]);
});
