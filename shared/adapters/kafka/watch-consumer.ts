// Watches a consumer of kafkajs: whether it is connected and at work, and whether its next batch follows the one before. kafkajs goes on
// at the beginning of a log that was cut, without a word; here that shows.
import type { Batch, Consumer } from 'kafkajs';
import { type KafkaClient, withAdmin } from './kafka-client.ts';

export interface ConsumerWatch {
  /** Resolves when `signal` aborts, rejects with what ended the consumer before. */
  readonly ended: Promise<void>;
  /** Work on a batch is no silence. */
  busy(work: () => Promise<void>): Promise<void>;
  stop(): void;
}

export function watchConsumer(consumer: Consumer, silentAfterMs: number, signal: AbortSignal): ConsumerWatch {
  let heardMs = Date.now();
  let busy = 0;
  let end: (error?: Error) => void = () => {};
  const ended = new Promise<void>((resolve, reject) => {
    end = (error) => (error ? reject(error) : resolve());
  });
  ended.catch(() => undefined);
  const heard = () => {
    heardMs = Date.now();
  };
  const off = [
    consumer.on(consumer.events.FETCH, heard),
    consumer.on(consumer.events.HEARTBEAT, heard),
    consumer.on(consumer.events.CRASH, ({ payload }) => end(payload.error)),
    consumer.on(consumer.events.STOP, () => end(new Error('The consumer stopped.'))),
  ];
  const timer = setInterval(() => {
    if (busy === 0 && Date.now() - heardMs > silentAfterMs)
      end(new Error(`The consumer heard nothing from the broker for ${silentAfterMs} ms.`));
  }, 1000);
  const stopped = () => end();
  if (signal.aborted) stopped();
  signal.addEventListener('abort', stopped, { once: true });
  return {
    ended,
    async busy(work) {
      busy += 1;
      try {
        await work();
      } finally {
        busy -= 1;
        heard();
      }
    },
    stop() {
      clearInterval(timer);
      signal.removeEventListener('abort', stopped);
      for (const remove of off) remove();
    },
  };
}

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
