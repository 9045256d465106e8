// A compacted topic of snapshots, read once from its beginning to the ends that it has at opening. The reading has a consumer group of its
// own, commits nothing, and removes the group afterwards.
import kafkajs, { type Admin, type EachBatchPayload } from 'kafkajs';
import type { SnapshotReading, SnapshotTopic } from '../../operations/ports.ts';
import { pause } from '../../running/index.ts';
import {
  connected,
  type KafkaConnection,
  type KafkaFeedLimits,
  kafkaClient,
  openConsumer,
  whileBeating,
  withAdmin,
} from './kafka-client.ts';
import { watchConsumer } from './kafka-feed.ts';
import { type ReadMessage, recordOf } from './read-message.ts';

export interface KafkaSnapshotsOptions extends KafkaConnection {
  /** The reading groups are named after it. */
  readonly groupId: string;
  readonly topic: string;
  readonly limits: KafkaFeedLimits;
  /** For a topic of events that others write: the value of each record is the event. Records that are passed over are not handed on. */
  readonly read?: ReadMessage | undefined;
}

const fetchWaitMs = 500;
const lookEveryMs = 50;
/** How often it looks whether its topic is still the one that was opened. */
const endsEveryLooks = 200;

export function kafkaSnapshots(options: KafkaSnapshotsOptions): SnapshotTopic {
  const kafka = kafkaClient(options);
  const { topic, limits, read } = options;
  return {
    name: topic,
    unusable: () => withAdmin(kafka, (admin) => faultOf(admin, topic)),
    async read(reading) {
      const groupId = `${options.groupId}.resync.${crypto.randomUUID()}`;
      const progress = progressOf(await withAdmin(kafka, (admin) => admin.fetchTopicOffsets(topic)));
      const consumer = openConsumer(kafka, { groupId, limits, fetchWaitMs });
      const watch = watchConsumer(consumer, limits.silentAfterMs, reading.signal);
      // A batch that compaction left empty still counts as read.
      consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { batchSize, partition, lastOffset } }) => {
        if (batchSize === 0) progress.passed(partition, lastOffset);
      });
      try {
        await connected(kafka, consumer, () => consumer.subscribe({ topics: [topic], fromBeginning: true }));
        await consumer.run({
          autoCommit: false,
          eachBatchAutoResolve: false,
          partitionsConsumedConcurrently: limits.partitionsAtOnceMax,
          eachBatch: (payload) =>
            watch.busy(() => whileBeating(payload, limits, () => handBatch(payload, reading, { progress, read }))),
        });
        const isDone = () => reading.signal.aborted || (progress.isAtEnds() && reading.enough());
        for (let looks = 1; !isDone(); looks += 1) {
          await Promise.race([watch.ended, pause(lookEveryMs, reading.signal)]);
          if (looks % endsEveryLooks === 0)
            progress.assertReachable(await withAdmin(kafka, (admin) => admin.fetchTopicOffsets(topic)));
        }
      } finally {
        watch.stop();
        await consumer.disconnect();
        // If the removal fails, the broker removes a group without offsets by itself.
        await withAdmin(kafka, (admin) => admin.deleteGroups([groupId])).catch(() => undefined);
      }
    },
  };
}

async function faultOf(admin: Admin, topic: string): Promise<string | undefined> {
  if (!(await admin.listTopics()).includes(topic)) return `there is no topic ${topic}`;
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames: ['cleanup.policy'] }],
  });
  const policy = resources[0]?.configEntries.find(({ configName }) => configName === 'cleanup.policy')?.configValue;
  if (policy !== 'compact') return `${topic} has cleanup.policy=${policy}, not compact: it may have lost snapshots`;
  const ends = await admin.fetchTopicOffsets(topic);
  return ends.every(({ low, high }) => low === high) ? `${topic} is empty` : undefined;
}

type Progress = ReturnType<typeof progressOf>;

/** How far each partition was read towards its noted end. Compaction leaves gaps, so offsets are counted and not records. */
function progressOf(bounds: readonly { readonly partition: number; readonly low: string; readonly high: string }[]) {
  const partitions = new Map(
    bounds.map(({ partition, low, high }) => [partition, { start: BigInt(low), next: BigInt(low), end: BigInt(high) }]),
  );
  const sum = (lengthOf: (one: { start: bigint; next: bigint; end: bigint }) => bigint) =>
    Number([...partitions.values()].reduce((total, one) => total + lengthOf(one), 0n));
  return {
    passed(partition: number, last: string): void {
      const one = partitions.get(partition);
      if (one) one.next = BigInt(last) + 1n;
    },
    /** @throws Error when the topic was deleted or made anew: its ends as they were noted are never reached then */
    assertReachable(now: readonly { readonly partition: number; readonly high: string }[]): void {
      const ends = new Map(now.map(({ partition, high }) => [partition, BigInt(high)]));
      for (const [partition, { next, end }] of partitions)
        if (next < end && (ends.get(partition) ?? 0n) < end)
          throw new Error(`partition ${partition} ended at ${end} and ends at ${ends.get(partition) ?? 0n} now`);
    },
    isAtEnds: () => [...partitions.values()].every(({ next, end }) => next >= end),
    done: () => sum(({ start, next }) => next - start),
    of: () => sum(({ start, end }) => end - start),
  };
}

async function handBatch(
  { batch, heartbeat, resolveOffset, isRunning, isStale }: EachBatchPayload,
  reading: SnapshotReading,
  { progress, read }: { readonly progress: Progress; readonly read: ReadMessage | undefined },
): Promise<void> {
  if (!isRunning() || isStale() || reading.signal.aborted) return;
  const records = batch.messages
    .map((message) => recordOf(batch.topic, batch.partition, message, read))
    .filter((record) => record !== undefined);
  await reading.handle(records);
  resolveOffset(batch.lastOffset());
  progress.passed(batch.partition, batch.lastOffset());
  reading.report(progress.done(), progress.of());
  await heartbeat();
}
