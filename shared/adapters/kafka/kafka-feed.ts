// A feed of event topics through one consumer group. Only handled records move the offsets; the group's own restart policy is not used:
// whatever ends the consumer, a new one is made, with bounded waits, until the feed is closed. If unread records are deleted, kafkajs
// silently goes on at the new beginning of the log; here the loss is reported.
import type { Batch, Consumer, EachBatchPayload } from 'kafkajs';
import { bounded, type CrashAt, type Feed, reasonOf } from '../../engine/index.ts';
import { backoffMs, type HandleItems, pause, retrying } from '../../running/index.ts';
import {
  connected,
  type KafkaClient,
  type KafkaConnection,
  type KafkaFeedLimits,
  kafkaClient,
  openConsumer,
  whileBeating,
  withAdmin,
} from './kafka-client.ts';
import { itemOf, type ReadMessage, type ReadMessages, readerOf } from './read-message.ts';

export interface ConsumerWatch {
  /** Resolves when `signal` aborts, rejects with what ended the consumer before. */
  readonly ended: Promise<void>;
  /** While this work on a batch runs, the consumer does not count as silent. */
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
 * @param lost may throw, so that nothing of the batch is handled; the next consumer checks its offsets first
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
        // A gap need not be a loss: the marks of a transaction have offsets of their own.
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

export interface KafkaFeedOptions extends KafkaConnection {
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly limits: KafkaFeedLimits;
  /** How messages of others are read, for all topics or by topic; without it a message has Foldline's own envelope. */
  readonly read?: ReadMessages | undefined;
  /** Called before each consumer begins; what it throws is tried again like any other failure. */
  readonly prepare?: ((signal: AbortSignal) => Promise<void>) | undefined;
  readonly crashPoint?: CrashAt | undefined;
}

/** The points at which a test ends the process, in order. The commit is made by kafkajs itself, after each batch. */
export const kafkaFeedCrashPoints = ['feed-handled', 'feed-committed'] as const;

const fetchWaitMs = 5000;

/** @throws Error when `read` names a topic that is not among `topics` */
export function kafkaFeed(options: KafkaFeedOptions): Feed {
  const { limits, log, topics } = options;
  const readerFor = readerOf(options.read, topics);
  const kafka = kafkaClient(options);
  return {
    async start(handle) {
      const closing = new AbortController();
      let trouble: string | undefined;
      let failures = 0;
      const report = (news: string | undefined) => {
        trouble = news;
        if (news === undefined) failures = 0;
      };
      const insist = retrying(handle, { retry: limits.retry, signal: closing.signal, report });

      async function consumeForEver(): Promise<void> {
        while (!closing.signal.aborted) {
          try {
            await options.prepare?.(closing.signal);
            if (closing.signal.aborted) return;
            await consumeOnce(kafka, options, { handle: insist, readerFor }, closing.signal);
          } catch (error) {
            if (closing.signal.aborted) return;
            failures += 1;
            trouble = bounded(reasonOf(error));
            log.warn(
              { err: error, group: options.groupId, failures },
              'the consumer ended or could not start; a new consumer is started',
            );
            await pause(backoffMs(limits.retry, failures), closing.signal);
          }
        }
      }

      const running = consumeForEver();
      return {
        trouble: () => trouble,
        async close() {
          closing.abort();
          await running;
        },
      };
    },
  };
}

interface Handling {
  readonly handle: HandleItems;
  readonly readerFor: (topic: string) => ReadMessage | undefined;
}

/** Runs one consumer until it fails, falls silent, or `signal` aborts. @throws what ended it */
async function consumeOnce(
  kafka: KafkaClient,
  { groupId, topics, limits, prepare, crashPoint, log }: KafkaFeedOptions,
  { handle, readerFor }: Handling,
  signal: AbortSignal,
): Promise<void> {
  const consumer = openConsumer(kafka, { groupId, limits, fetchWaitMs });
  consumer.on(consumer.events.COMMIT_OFFSETS, () => crashPoint?.('feed-committed'));
  const watch = watchConsumer(consumer, limits.silentAfterMs, signal);
  const cuts = watchCuts(kafka, groupId, (what) => {
    if (prepare) throw new Error(what);
    // The lost records cannot be read again: the loss is logged, and the rest of the log is followed.
    log.error({ group: groupId }, `history lost: ${what}`);
  });
  try {
    await connected(kafka, consumer, () => consumer.subscribe({ topics: [...topics], fromBeginning: true }));
    await consumer.run({
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: limits.partitionsAtOnceMax,
      eachBatch: (payload) => watch.busy(() => foldBatch(payload, { handle, readerFor }, { limits, crashPoint, cuts })),
    });
    await watch.ended;
  } finally {
    watch.stop();
    await consumer.disconnect();
  }
}

async function foldBatch(
  payload: EachBatchPayload,
  { handle, readerFor }: Handling,
  { limits, crashPoint, cuts }: Pick<KafkaFeedOptions, 'limits' | 'crashPoint'> & { readonly cuts: CutWatch },
): Promise<void> {
  const { batch, heartbeat, isRunning, isStale, resolveOffset } = payload;
  const last = batch.messages.at(-1);
  if (!last || !isRunning() || isStale()) return;
  await cuts.before(batch);
  const read = readerFor(batch.topic);
  await whileBeating(payload, limits, () =>
    handle(batch.messages.map((message) => itemOf(batch.topic, batch.partition, message, read))),
  );
  crashPoint?.('feed-handled');
  cuts.handled(batch);
  resolveOffset(last.offset);
  await heartbeat();
}
