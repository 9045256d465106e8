// The offsets of a consumer group, and the ends of its topics, as the broker reports them. kafkajs would silently move a group without a
// usable offset to wherever the log begins or ends.
import type { Admin } from 'kafkajs';
import type { GroupOffsets, PartitionOffsets } from '../../operations/ports.ts';
import {
  connected,
  type KafkaClient,
  type KafkaConnection,
  kafkaClient,
  kafkaRetry,
  withAdmin,
} from './kafka-client.ts';

const noOffset = '-1';

interface Commit {
  readonly groupId: string;
  readonly topic: string;
  readonly offsets: ReadonlyMap<number, bigint>;
}

export function kafkaOffsets({ groupId, ...connection }: KafkaConnection & { readonly groupId: string }): GroupOffsets {
  const kafka = kafkaClient(connection);
  return {
    of: (topic) =>
      withAdmin(kafka, async (admin) => {
        // In this order: a group that goes on meanwhile is never ahead of an end that was asked later.
        const [group] = await admin.fetchOffsets({ groupId, topics: [topic] });
        const ends = await admin.fetchTopicOffsets(topic);
        const committed = new Map(group?.partitions.map((one) => [one.partition, one.offset]));
        return ends.map(({ partition, low, high }): PartitionOffsets => {
          const offset = committed.get(partition) ?? noOffset;
          const known = offset === noOffset ? undefined : BigInt(offset);
          return { partition, committed: known, start: BigInt(low), end: BigInt(high) };
        });
      }),
    async commit(topic, offsets) {
      await withAdmin(kafka, (admin) => assertNobodyIsIn(admin, groupId));
      await commitAsMember(kafka, { groupId, topic, offsets });
    },
  };
}

async function assertNobodyIsIn(admin: Admin, groupId: string): Promise<void> {
  const { groups } = await admin.describeGroups([groupId]);
  const { state, members = [] } = groups[0] ?? {};
  if (members.length > 0)
    throw new Error(`the group ${groupId} is ${state}, with ${members.length} members: they have offsets of their own`);
}

/**
 * As a member that reads nothing. `setOffsets` of kafkajs does the same, and waits five seconds for a fetch besides.
 * Two processes that commit at once both commit right offsets, because each has finished a whole resync.
 */
async function commitAsMember(kafka: KafkaClient, { groupId, topic, offsets }: Commit): Promise<void> {
  const consumer = kafka.consumer({
    groupId,
    maxWaitTimeInMs: 100,
    allowAutoTopicCreation: false,
    retry: { ...kafkaRetry, restartOnFailure: async () => false },
  });
  try {
    await connected(kafka, consumer, () => consumer.subscribe({ topics: [topic], fromBeginning: true }));
    const joined = new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.GROUP_JOIN, () => resolve());
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    });
    joined.catch(() => undefined);
    await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: async () => {} });
    consumer.pause([{ topic }]);
    await joined;
    await consumer.commitOffsets(
      [...offsets].map(([partition, place]) => ({ topic, partition, offset: String(place) })),
    );
  } finally {
    await consumer.disconnect();
  }
}
