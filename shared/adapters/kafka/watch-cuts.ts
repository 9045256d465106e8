// A log may be cut below a consumer that runs and is slow, or just before it begins. kafkajs then goes on at the log's new
// beginning, without a word; here it shows, because what one consumer handles of a partition begins at the group's place and follows
// on from there.
import type { Batch } from 'kafkajs';
import { type KafkaClient, withAdmin } from './kafka-client.ts';

export interface CutWatch {
  /** Tells `lost` when records between what was handled last and this batch are gone. */
  before(batch: Batch): Promise<void>;
  handled(batch: Batch): void;
}

/**
 * For one consumer, from its begin to its end.
 * @param lost may throw, so that nothing of the batch is handled: whoever begins anew looks at places first
 */
export function watchCuts(kafka: KafkaClient, groupId: string, lost: (what: string) => void): CutWatch {
  const next = new Map<string, bigint>();
  const keyOf = ({ topic, partition }: Batch) => `${topic}/${partition}`;
  return {
    async before(batch) {
      const [first] = batch.messages;
      const known = next.get(keyOf(batch));
      if (!first || (known !== undefined && BigInt(first.offset) <= known)) return;
      await withAdmin(kafka, async (admin) => {
        const expected = known ?? (await committed(batch));
        if (BigInt(first.offset) <= expected) return;
        // Records may be missing for better reasons, too: the marks of a transaction have places of their own.
        const ends = await admin.fetchTopicOffsets(batch.topic);
        const start = ends.find(({ partition }) => partition === batch.partition)?.low ?? '0';
        if (BigInt(start) > expected) lost(`${keyOf(batch)} was cut to ${start}, and its consumer was at ${expected}`);

        async function committed({ topic, partition }: Batch): Promise<bigint> {
          const [group] = await admin.fetchOffsets({ groupId, topics: [topic] });
          const offset = group?.partitions.find((one) => one.partition === partition)?.offset ?? '-1';
          // A group without a place begins where the log does.
          return offset === '-1' ? BigInt(first?.offset ?? 0) : BigInt(offset);
        }
      });
    },
    handled(batch) {
      const last = batch.messages.at(-1);
      if (last) next.set(keyOf(batch), BigInt(last.offset) + 1n);
    },
  };
}
