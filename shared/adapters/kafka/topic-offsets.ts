// The own offsets of a service beside the ends of its topics, as the broker reports them.
import type { OwnOffsets, PartitionOffsets, TopicOffsets } from '../../operations/ports.ts';
import { type KafkaConnection, kafkaClient, withAdmin } from './kafka-client.ts';

export function kafkaTopicOffsets(connection: KafkaConnection, own: OwnOffsets): TopicOffsets {
  const kafka = kafkaClient(connection);
  return {
    begin: own.begin,
    set: own.set,
    async of(topic) {
      // In this order: a service that goes on meanwhile is never ahead of an end that was asked later.
      const offsets = await own.of(topic);
      const ends = await withAdmin(kafka, (admin) => admin.fetchTopicOffsets(topic));
      return ends.map(
        ({ partition, low, high }): PartitionOffsets => ({
          partition,
          own: offsets?.get(partition)?.next,
          start: BigInt(low),
          end: BigInt(high),
        }),
      );
    },
  };
}
