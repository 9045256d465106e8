// A feed of event topics through one consumer group. Only handled records move the offsets; the group's own restart policy is not used:
// whatever ends the consumer, a new one is made, with bounded waits, until the feed is closed.
import type { Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs';
import { bounded, type CrashAt, type Feed, reasonOf } from '../../engine/index.ts';
import type { OwnOffsets } from '../../operations/ports.ts';
import { backoffMs, type HandleItems, pause, retrying } from '../../running/index.ts';
import {
  connected,
  type KafkaClient,
  type KafkaConnection,
  type KafkaFeedLimits,
  kafkaClient,
  openConsumer,
  whileBeating,
} from './kafka-client.ts';
import { type OffsetWatch, recordId, watchOffsets } from './offset-watch.ts';
import { itemOf, type ReadMessage, type ReadMessages, readerOf } from './read-message.ts';
import { watchForStrangers } from './strangers.ts';

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

export interface KafkaFeedOptions extends KafkaConnection {
  readonly groupId: string;
  readonly topics: readonly string[];
  /** Where the feed goes on in each partition; the offsets that the group commits are for others to see. */
  readonly own: OwnOffsets;
  readonly limits: KafkaFeedLimits;
  /** How messages of others are read, for all topics or by topic; without it a message has Foldline's own envelope. */
  readonly read?: ReadMessages | undefined;
  /** Called before each consumer begins; what it throws is tried again like any other failure. */
  readonly prepare?: ((signal: AbortSignal) => Promise<void>) | undefined;
  /** Whether `prepare` brings what a topic no longer has; of any other topic a loss is logged, and the rest is followed. */
  readonly resyncs?: ((topic: string) => boolean) | undefined;
  /** Told why a topic may not have reached the documents as a whole. */
  readonly doubt?: ((topic: string, reason: string) => Promise<void>) | undefined;
  readonly crashPoint?: CrashAt | undefined;
}

/** The points at which a test ends the process, in order. The commit is made by kafkajs itself, after each batch. */
export const kafkaFeedCrashPoints = ['feed-handled', 'feed-moved', 'feed-committed'] as const;

const fetchWaitMs = 5000;

/** @throws Error when `read` names a topic that is not among `topics` */
export function kafkaFeed(options: KafkaFeedOptions): Feed {
  const { limits, log, topics } = options;
  const readerFor = readerOf(options.read, topics);
  const kafka = kafkaClient(options);
  const strangers = watchForStrangers(kafka, options);
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
            await consumeOnce(kafka, options, { handle: insist, readerFor, joined: strangers.look }, closing.signal);
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
        trouble: () => trouble ?? strangers.trouble(),
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
  /** Called after each join of the group. */
  readonly joined: () => Promise<void>;
  readonly readerFor: (topic: string) => ReadMessage | undefined;
}

/** Runs one consumer until it fails, falls silent, or `signal` aborts. @throws what ended it */
async function consumeOnce(
  kafka: KafkaClient,
  { groupId, topics, own, limits, resyncs = () => false, doubt, crashPoint, log }: KafkaFeedOptions,
  { handle, readerFor, joined }: Handling,
  signal: AbortSignal,
): Promise<void> {
  const consumer = openConsumer(kafka, { groupId, limits, fetchWaitMs });
  consumer.on(consumer.events.GROUP_JOIN, () => void joined());
  consumer.on(consumer.events.COMMIT_OFFSETS, () => crashPoint?.('feed-committed'));
  const watch = watchConsumer(consumer, limits.silentAfterMs, signal);
  const offsets = watchOffsets({
    kafka,
    groupId,
    topics,
    own,
    resyncs,
    async lost(topic, what) {
      log.error({ group: groupId }, `history lost: ${what}`);
      await doubt?.(topic, what);
    },
    async foreign(topic, what) {
      log.warn({ group: groupId }, `the offsets of the group are not used: ${what}`);
      await doubt?.(topic, what);
    },
  });
  try {
    await offsets.begin(consumer);
    await connected(kafka, consumer, () => consumer.subscribe({ topics: [...topics], fromBeginning: true }));
    await consumer.run({
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: limits.partitionsAtOnceMax,
      eachBatch: (payload) =>
        watch.busy(() => foldBatch(payload, { handle, readerFor }, { limits, crashPoint, offsets })),
    });
    await watch.ended;
  } finally {
    watch.stop();
    await consumer.disconnect();
  }
}

async function foldBatch(
  payload: EachBatchPayload,
  { handle, readerFor }: Pick<Handling, 'handle' | 'readerFor'>,
  { limits, crashPoint, offsets }: Pick<KafkaFeedOptions, 'limits' | 'crashPoint'> & { readonly offsets: OffsetWatch },
): Promise<void> {
  const { batch, heartbeat, isRunning, isStale, resolveOffset } = payload;
  if (batch.messages.length === 0 || !isRunning() || isStale()) return;
  const read = readerFor(batch.topic);
  const item = (message: KafkaMessage) => itemOf(batch.topic, batch.partition, message, read);
  const unfolded = await offsets.unfolded(batch, (message) => recordId(item(message), message));
  if (!unfolded) return;
  await whileBeating(payload, limits, async () => {
    // The first batch after a join may hold nothing but the record that was folded last.
    if (unfolded.messages.length === 0) return unfolded.moveOn();
    await handle(unfolded.messages.map(item));
    crashPoint?.('feed-handled');
    await unfolded.moveOn();
    crashPoint?.('feed-moved');
  });
  resolveOffset(batch.lastOffset());
  await heartbeat();
}
