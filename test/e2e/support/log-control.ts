// What an operator, a retention time or an accident does to topics and to the offsets of a service, and how to see that it was done.
import { mongoOwnOffsets, type OffsetsDocument } from 'foldline/mongodb';
import kafkajs from 'kafkajs';
import type { Db } from 'mongodb';
import { waitUntil } from './wait-until.ts';

const publishedMs = 120_000;

export interface LogControl {
  /** The service's own offset in each partition, beside the ends of the log; `-1` for none. */
  placesIn(topic: string): Promise<readonly { own: number; start: number; end: number }[]>;
  /** The service's own offsets, and its group with what it committed; nobody may be in the group. */
  forgetOffsets(): Promise<void>;
  /** The group alone. */
  forgetGroup(): Promise<void>;
  /** As another program does that joins the group, reads to the ends, commits and leaves. @param whileIn done before it leaves */
  commitEnds(topics: readonly string[], whileIn?: () => Promise<void>): Promise<void>;
  /** Deletes all records but the last `keep` of each partition. */
  cut(topic: string, keep: number): Promise<void>;
  /** Until so many records were written to the topic. */
  whenPublished(topic: string, count: number): Promise<void>;
  /** The compression of a topic, or of the broker for topics without one of their own; an empty text takes the setting away. */
  setCompression(of: { readonly topic: string } | 'broker', codec: string): Promise<void>;
  setCleanupPolicy(topic: string, policy: 'compact' | 'delete'): Promise<void>;
  makeTopic(topic: string, policy: 'compact' | 'delete', partitions?: number): Promise<void>;
  deleteTopic(topic: string): Promise<void>;
  publish(topic: string, key: string, value: string): Promise<void>;
  /** As one batch, by gzip, to the first partition. */
  publishCompressed(topic: string, values: readonly string[]): Promise<void>;
  /** The names of the groups that the broker knows. */
  groups(): Promise<string[]>;
  close(): Promise<void>;
}

/** @param db of the service */
export async function openLogControl(brokers: string, groupId: string, db: Db): Promise<LogControl> {
  const own = db.collection<OffsetsDocument>('Offsets');
  const kafka = new kafkajs.Kafka({ brokers: [brokers], logLevel: kafkajs.logLevel.NOTHING });
  const admin = kafka.admin();
  const producer = kafka.producer();
  await Promise.all([admin.connect(), producer.connect()]);
  const endsOf = async (topic: string) =>
    (await admin.fetchTopicOffsets(topic)).map(({ partition, low, high }) => ({
      partition,
      start: Number(low),
      end: Number(high),
    }));
  /** There is none where no consumer committed since the last time. */
  async function deleteGroup(): Promise<void> {
    const { groups } = await admin.listGroups();
    if (groups.some((group) => group.groupId === groupId)) await admin.deleteGroups([groupId]);
  }
  const configOf = (policy: string) => [{ name: 'cleanup.policy', value: policy }];
  return {
    async placesIn(topic) {
      const offsets = await mongoOwnOffsets(own).of(topic);
      return (await endsOf(topic)).map(({ partition, start, end }) => {
        return { own: Number(offsets?.get(partition)?.next ?? -1), start, end };
      });
    },
    async forgetOffsets() {
      await deleteGroup();
      await own.deleteMany({});
    },
    forgetGroup: deleteGroup,
    async commitEnds(topics, whileIn) {
      const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100 });
      await consumer.connect();
      await consumer.subscribe({ topics: [...topics] });
      const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
      await consumer.run({ autoCommit: false, eachMessage: async () => {} });
      await joined;
      for (const topic of topics) {
        const ends = await endsOf(topic);
        await consumer.commitOffsets(ends.map(({ partition, end }) => ({ topic, partition, offset: String(end) })));
      }
      await whileIn?.();
      await consumer.disconnect();
    },
    async cut(topic, keep) {
      const partitions = (await endsOf(topic)).map(({ partition, start, end }) => {
        return { partition, offset: String(Math.max(start, end - keep)) };
      });
      await admin.deleteTopicRecords({ topic, partitions });
    },
    whenPublished: (topic, count) =>
      waitUntil(`${count} records in ${topic}`, publishedMs, async () => {
        const written = (await endsOf(topic)).reduce((sum, { end }) => sum + end, 0);
        return written >= count ? undefined : `there are ${written}`;
      }),
    async setCompression(of, codec) {
      const { ConfigResourceTypes, ConfigSource } = kafkajs;
      const isTopic = of !== 'broker';
      const resource = isTopic
        ? { type: ConfigResourceTypes.TOPIC, name: of.topic }
        : { type: ConfigResourceTypes.BROKER, name: '1' };
      // What is not named is taken away: the settings that the topic has are named again.
      const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [resource] });
      const own = isTopic ? (ConfigSource.TOPIC_CONFIG as number) : (ConfigSource.DYNAMIC_BROKER_CONFIG as number);
      const kept = (resources[0]?.configEntries ?? [])
        .filter(({ configSource, configName }) => Number(configSource) === own && configName !== 'compression.type')
        .map(({ configName, configValue }) => ({ name: configName, value: configValue }));
      const configEntries = [...kept, ...(codec === '' ? [] : [{ name: 'compression.type', value: codec }])];
      await admin.alterConfigs({ validateOnly: false, resources: [{ ...resource, configEntries }] });
    },
    async setCleanupPolicy(topic, policy) {
      const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configEntries: configOf(policy) };
      await admin.alterConfigs({ validateOnly: false, resources: [resource] });
    },
    async makeTopic(topic, policy, numPartitions = 1) {
      const made = { topic, numPartitions, configEntries: configOf(policy) };
      await admin.createTopics({ waitForLeaders: false, topics: [made] });
      await waitUntil(`topic ${topic}`, publishedMs, () => reasonWhyNot(() => admin.fetchTopicOffsets(topic)));
    },
    async deleteTopic(topic) {
      await admin.deleteTopics({ topics: [topic] });
      await waitUntil(`${topic} to be gone`, publishedMs, async () =>
        (await admin.listTopics()).includes(topic) ? 'it is there' : undefined,
      );
    },
    async publish(topic, key, value) {
      await producer.send({ topic, messages: [{ key, value }] });
    },
    async publishCompressed(topic, values) {
      const messages = values.map((value) => ({ partition: 0, key: 'anybody', value }));
      await producer.send({ topic, compression: kafkajs.CompressionTypes.GZIP, messages });
    },
    async groups() {
      return (await admin.listGroups()).groups.map((group) => group.groupId);
    },
    async close() {
      await Promise.all([admin.disconnect(), producer.disconnect()]);
    },
  };
}

async function reasonWhyNot(ask: () => Promise<unknown>): Promise<string | undefined> {
  return ask().then(
    () => undefined,
    (error: Error) => error.message,
  );
}
