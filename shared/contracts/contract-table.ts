// The table that the documents for others are made from: which topics a system has, what travels in each, and in what form.
import type { z } from 'zod';
import type { Contracts } from './registry.ts';

export interface Kind {
  /** The first part of the subject: `user` in `user-<uuid>`. */
  readonly kind: string;
  readonly source: string;
  readonly contracts: Contracts;
}

export interface EventTopic {
  readonly description: string;
  readonly kinds: readonly Kind[];
}

export interface SnapshotTopic {
  readonly name: string;
  readonly description: string;
  /** Of the subjects. */
  readonly kind: string;
  /** The name of the contract, such as `userSnapshot_v1`. */
  readonly type: string;
  /** The form in the topic, where every time is a text. */
  readonly schema: z.ZodType;
  /** What one snapshot is, in a sentence. */
  readonly summary: string;
}

/** Settings of a topic by the names that Kafka gives them. */
export type TopicConfig = Readonly<Record<string, unknown>>;

export interface ContractTable {
  readonly title: string;
  readonly description: string;
  /** The release that the contracts are of. */
  readonly release: string;
  /** Of every topic. The number is fixed: with another number a subject would go on in another partition, out of order. */
  readonly partitions: number;
  readonly events: { readonly topics: Readonly<Record<string, EventTopic>>; readonly settings: TopicConfig };
  readonly snapshots: { readonly topics: readonly SnapshotTopic[]; readonly settings: TopicConfig };
}
