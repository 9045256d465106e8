// The own offsets of a service, one document for each topic.
import type { Collection } from 'mongodb';
import type { OwnOffset, OwnOffsets } from '../../../operations/ports.ts';

interface StoredOffset {
  readonly next: number;
  readonly last?: { readonly offset: number; readonly id: string };
}

export interface OffsetsDocument {
  /** The topic. */
  readonly _id: string;
  /** By the number of the partition. */
  readonly partitions: Readonly<Record<string, StoredOffset>>;
  readonly savedAt: Date;
}

export function mongoOwnOffsets(collection: Collection<OffsetsDocument>): OwnOffsets {
  return {
    async of(topic) {
      const found = await collection.findOne({ _id: topic });
      if (!found) return undefined;
      return new Map(Object.entries(found.partitions).map(([key, one]) => [Number(key), offsetOf(one)]));
    },
    async move(topic, partition, from, to) {
      const field = `partitions.${partition}`;
      // A partition that the document does not name is one that was added to the topic; it begins at 0.
      const isThere = { [`${field}.next`]: Number(from) };
      const isAt = from === 0n ? { $or: [isThere, { [field]: { $exists: false } }] } : isThere;
      const change = { $set: { [field]: stored(to), savedAt: new Date() } };
      const { matchedCount } = await collection.updateOne({ _id: topic, ...isAt }, change);
      return matchedCount === 1;
    },
    async begin(topic, offsets) {
      await collection.updateOne({ _id: topic }, { $setOnInsert: notFolded(offsets) }, { upsert: true });
    },
    async set(topic, offsets) {
      await collection.replaceOne({ _id: topic }, notFolded(offsets), { upsert: true });
    },
    async forget(topic) {
      await collection.deleteOne({ _id: topic });
    },
  };
}

function notFolded(offsets: ReadonlyMap<number, bigint>): Omit<OffsetsDocument, '_id'> {
  const partitions = Object.fromEntries([...offsets].map(([partition, next]) => [partition, { next: Number(next) }]));
  return { partitions, savedAt: new Date() };
}

function offsetOf({ next, last }: StoredOffset): OwnOffset {
  return { next: BigInt(next), last: last && { offset: BigInt(last.offset), id: last.id } };
}

function stored({ next, last }: OwnOffset): StoredOffset {
  return { next: Number(next), ...(last && { last: { offset: Number(last.offset), id: last.id } }) };
}
