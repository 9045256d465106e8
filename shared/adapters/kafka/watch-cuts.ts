// A log may be cut below a consumer that runs and is slow. kafkajs then goes on at the log's new beginning; here it shows, because
// the places of a partition that one consumer handles follow on each other.
import type { Batch, Kafka } from 'kafkajs';
import { withAdmin } from './kafka-client.ts';

export interface CutWatch {
  /** @throws Error when records between what was handled last and this batch are gone: whoever begins anew looks at places first */
  before(batch: Batch): Promise<void>;
  handled(batch: Batch): void;
}

/** For one consumer, from its begin to its end. */
export function watchCuts(kafka: Kafka): CutWatch {
  const next = new Map<string, bigint>();
  const keyOf = ({ topic, partition }: Batch) => `${topic}/${partition}`;
  return {
    async before(batch) {
      const expected = next.get(keyOf(batch));
      const [first] = batch.messages;
      if (expected === undefined || !first || BigInt(first.offset) <= expected) return;
      // Records may be missing for better reasons, too: the marks of a transaction have places of their own.
      const ends = await withAdmin(kafka, (admin) => admin.fetchTopicOffsets(batch.topic));
      const start = ends.find(({ partition }) => partition === batch.partition)?.low ?? '0';
      if (BigInt(start) <= expected) return;
      throw new Error(`${keyOf(batch)} was cut to ${start}, and this consumer was at ${expected}`);
    },
    handled(batch) {
      const last = batch.messages.at(-1);
      if (last) next.set(keyOf(batch), BigInt(last.offset) + 1n);
    },
  };
}
