// The own offsets of a service, in memory.
import type { OwnOffset, OwnOffsets } from '../../operations/ports.ts';

export function inMemoryOwnOffsets(): OwnOffsets {
  const topics = new Map<string, Map<number, OwnOffset>>();
  return {
    of: async (topic) => {
      const found = topics.get(topic);
      return found && new Map(found);
    },
    async move(topic, partition, from, to) {
      const partitions = topics.get(topic);
      if (!partitions || (partitions.get(partition)?.next ?? 0n) !== from) return false;
      partitions.set(partition, to);
      return true;
    },
    async begin(topic, offsets) {
      if (!topics.has(topic)) topics.set(topic, notFolded(offsets));
    },
    async set(topic, offsets) {
      topics.set(topic, notFolded(offsets));
    },
    async forget(topic) {
      topics.delete(topic);
    },
  };
}

function notFolded(offsets: ReadonlyMap<number, bigint>): Map<number, OwnOffset> {
  return new Map([...offsets].map(([partition, next]) => [partition, { next, last: undefined }]));
}
