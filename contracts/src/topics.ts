// What travels in which topic: the one table behind the documents for others. The connector files say the same of their topics,
// and a test compares both.

import type { ContractTable, EventTopic } from 'foldline/contracts';
import { categoryContracts, itemContracts } from './catalogue.ts';
import { orderContracts } from './orders.ts';
import { userSnapshotOnTheWire_v1 } from './user-snapshot.ts';
import { userContracts, userHistoryContracts } from './users.ts';

/** The release that these contracts are of: the version of the root package. */
export const contractsRelease = '0.2.0';

const shop = '/shopping-service';

/** Every topic of events, by its name. */
export const eventTopics: Readonly<Record<string, EventTopic>> = {
  'user-events': {
    description: 'What happened to users. Kept for ever.',
    kinds: [{ kind: 'user', source: '/user-service', contracts: { ...userContracts, ...userHistoryContracts } }],
  },
  'catalog-events': {
    description: 'What happened to categories and items. Kept for ever.',
    kinds: [
      { kind: 'category', source: shop, contracts: categoryContracts },
      { kind: 'item', source: shop, contracts: itemContracts },
    ],
  },
  'order-events': {
    description: 'What happened to orders. Kept for ever.',
    kinds: [{ kind: 'order', source: shop, contracts: orderContracts }],
  },
};

export const snapshotTopic = {
  name: 'user-snapshots',
  kind: 'user',
  type: 'userSnapshot_v1',
  schema: userSnapshotOnTheWire_v1,
  summary: 'A user as of the events up to `version`; it stands in place of them',
  description: 'The newest snapshot of each user, compacted. A missing one says nothing; null is kept for erasure.',
} as const;

const recordBytesMax = 2_097_152;

/** The partitions are fixed: with another number a subject would go on in another partition, out of order. */
export const topicSettings = {
  partitions: 6,
  events: {
    'cleanup.policy': ['delete'],
    'retention.ms': -1,
    'retention.bytes': -1,
    'max.message.bytes': recordBytesMax,
  },
  snapshots: { 'cleanup.policy': ['compact'], 'max.message.bytes': recordBytesMax },
} as const;

/** All of it, in the form that the documents are made from. */
export const contractTable: ContractTable = {
  title: 'Foldline events',
  description: `Events and snapshots that Foldline publishes by Kafka Connect.

The key of a record is its subject, so one subject stays in one partition, in order. A record may come twice, and
older ones again: compare \`version\` with what is there. Pass over members that you do not know.`,
  release: contractsRelease,
  partitions: topicSettings.partitions,
  events: { topics: eventTopics, settings: topicSettings.events },
  snapshots: { topics: [snapshotTopic], settings: topicSettings.snapshots },
};
