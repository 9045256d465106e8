// Orders of a system that is not Foldline's: one topic in the form of Debezium's outbox event router, one of CloudEvents in binary mode,
// and a consumer of both in this process.

import { baseSettings, followingSettings, followTopics, snapshotsIn } from 'foldline';
import { clientSettings, readSettings, systemClock } from 'foldline/config';
import { decoderOf, defineContracts, type LatestEvent } from 'foldline/contracts';
import { createProjector, type Projection, readModel, type StoredDocument, type View } from 'foldline/engine';
import { createLogger } from 'foldline/fastify';
import { headerTextOf, jsonOf, type ReadMessage, readCloudEvent } from 'foldline/kafka';
import {
  connectToMongo,
  documentsForm,
  type HeldDocument,
  heldForm,
  mongoDocuments,
  mongoHeldSubjects,
  mongoOwnOffsets,
  type OffsetsDocument,
  offsetsForm,
  openCollections,
} from 'foldline/mongodb';
import { type IHeaders, Kafka, logLevel } from 'kafkajs';
import { z } from 'zod';

const contracts = defineContracts({
  orderPlaced_v1: { schema: z.object({ total: z.int() }) },
  orderShipped_v1: { schema: z.object({}) },
});

interface Order extends View {
  readonly state: 'unknown' | 'placed' | 'shipped';
  readonly data: { readonly total: number };
}

const orders: Projection<Order, LatestEvent<typeof contracts>> = {
  name: 'orders',
  kind: 'order',
  foldVersion: 1,
  decode: decoderOf(contracts),
  initialState: { state: 'unknown', data: { total: 0 } },
  evolve: ({ data }, event) =>
    event.type === 'orderPlaced_v1' ? { state: 'placed', data: event.data } : { state: 'shipped', data },
};

export const outboxTopic = 'outbox.event.order';
export const cloudTopic = 'cloud-orders';

export const readOutbox: ReadMessage = (message) => {
  const eventType = headerTextOf(message, 'eventType') ?? '';
  if (eventType === 'probed') return { passedOver: true };
  return {
    event: {
      specversion: '1.0',
      source: '/outbox',
      time: message.timestamp,
      id: headerTextOf(message, 'id') ?? '',
      type: `order${eventType}_v1`,
      subject: `order-${message.key?.toString('utf8')}`,
      version: Number(headerTextOf(message, 'aggregateVersion')),
      data: jsonOf(message) as Record<string, unknown>,
    },
  };
};

interface Servers {
  readonly mongodb: string;
  readonly kafka: string;
}

/** Nobody else has these events, so that no owner is asked for what is missing. */
export async function followForeignOrders({ mongodb, kafka }: Servers) {
  const env = { MONGODB_URI: mongodb, KAFKA_BROKERS: kafka, LOG_LEVEL: 'silent' };
  const config = readSettings({ ...baseSettings, ...followingSettings }, env);
  const logger = createLogger({ name: 'orders', level: config.LOG_LEVEL });
  const name = 'foreign-orders';
  const client = await connectToMongo(clientSettings(name, config));
  const db = client.db(name);
  await openCollections(db, [documentsForm('orders'), heldForm, offsetsForm]);
  const documents = mongoDocuments(db.collection<StoredDocument>('orders'));
  const held = mongoHeldSubjects(db.collection<HeldDocument>('Held'));
  const models = [readModel(orders, documents)];
  const projector = createProjector({ models, held, clock: systemClock, log: logger });
  const feed = await followTopics(
    { config, logger, crashPoint: () => {} },
    {
      name,
      topics: [outboxTopic, cloudTopic],
      own: mongoOwnOffsets(db.collection<OffsetsDocument>('Offsets')),
      read: { [outboxTopic]: readOutbox, [cloudTopic]: readCloudEvent },
      async handle(items) {
        await projector.apply(items);
      },
    },
  );
  return {
    documentOf: async (subject: string) => (await documents.read([subject])).get(subject),
    held: () => held.list(10),
    /** All events of the outbox, as a rebuild takes them in. */
    async events(): Promise<unknown[]> {
      const values: unknown[] = [];
      await snapshotsIn(outboxTopic, { config, logger }, { name, group: name, read: readOutbox }).read({
        signal: new AbortController().signal,
        handle: async (records) => void values.push(...records.map(({ value, unreadable }) => value ?? unreadable)),
        enough: () => true,
        report() {},
      });
      return values;
    },
    close: () => feed.close().then(() => client.close()),
  };
}

export interface ForeignMessage {
  readonly topic: string;
  readonly key: string | null;
  readonly headers: IHeaders;
  readonly value: string;
}

/** Makes both topics with one partition each, and publishes by another client than Foldline's. */
export async function openForeignProducer(broker: string) {
  const kafka = new Kafka({ clientId: 'not-foldline', brokers: [broker], logLevel: logLevel.NOTHING });
  const [admin, producer] = [kafka.admin(), kafka.producer()];
  await admin.connect();
  await admin.createTopics({
    waitForLeaders: true,
    topics: [outboxTopic, cloudTopic].map((topic) => ({ topic, numPartitions: 1 })),
  });
  await admin.disconnect();
  await producer.connect();
  return {
    async publish(messages: readonly ForeignMessage[]): Promise<void> {
      for (const { topic, ...message } of messages) await producer.send({ topic, messages: [message] });
    },
    close: () => producer.disconnect(),
  };
}
