// Runs before a consumer begins: does the service have an offset in every log, and does the log still hold the records after that offset?
// If not, the documents are brought up from another source, and an offset is stored only after that. A crash before leaves no offset.

import { type Clock, type CrashAt, type Logger, reasonOf } from '../../engine/index.ts';
import type { Resync, ResyncState, TopicOffsets, TopicResync } from './resync-ports.ts';
import { liveOffsets, type PartitionOffsets, type ResyncReason, resyncReason } from './topic-offsets.ts';

export interface ResyncLimits {
  readonly progressEveryMs: number;
}

export interface ResyncPorts {
  readonly offsets: TopicOffsets;
  readonly topics: readonly TopicResync[];
  readonly limits: ResyncLimits;
  readonly clock: Clock;
  readonly log: Logger;
  readonly crashPoint?: CrashAt | undefined;
  /** Told of each resync that begins, for whoever counts them. */
  readonly begun?: (topic: string, reason: ResyncReason) => void;
  /** Told of each resync that has brought the documents, before its offsets are stored. */
  readonly ended?: (topic: string, reason: ResyncReason) => Promise<void>;
}

export function createResync(ports: ResyncPorts): Resync {
  const { offsets, topics, limits, clock, log, crashPoint } = ports;
  let state: ResyncState | undefined;
  let settled = false;

  function begin(topic: string, reason: ResyncReason): void {
    // A repeated try counts as the same resync, and keeps its start time.
    const since = state?.topic === topic ? state.since : clock.now();
    state = { topic, reason, since, done: 0, of: undefined, trouble: undefined };
    log.warn({ topic, reason }, 'a resync begins');
    ports.begun?.(topic, reason);
    crashPoint?.('resync-begun');
  }

  function reporter(): (done: number, of?: number) => void {
    let saidMs = clock.now().getTime();
    return (done, of) => {
      crashPoint?.('resync-batch');
      if (state) state = { ...state, done, of };
      if (clock.now().getTime() - saidMs < limits.progressEveryMs) return;
      saidMs = clock.now().getTime();
      log.info({ topic: state?.topic, done, of }, 'a resync goes on');
    };
  }

  /** Another process that resynced at the same time may have stored its offsets, and may have moved them on since: those stay. */
  async function store(topic: string, reason: ResyncReason, live: ReadonlyMap<number, bigint>): Promise<void> {
    const now = await offsets.of(topic);
    if (reason !== 'behind') {
      if (resyncReason(now) !== undefined) await offsets.set(topic, live);
      return;
    }
    const higher = ({ partition, own = 0n }: PartitionOffsets): [number, bigint] => {
      const next = live.get(partition) ?? own;
      return [partition, next > own ? next : own];
    };
    await offsets.set(topic, new Map(now.map(higher)));
  }

  async function resync(one: TopicResync, signal: AbortSignal): Promise<void> {
    const { topic } = one;
    const partitions = await offsets.of(topic);
    const reason = resyncReason(partitions, one.behindMax);
    if (reason === undefined) return offsets.begin(topic, liveOffsets(partitions, { complete: false, overlap: 0 }));
    begin(topic, reason);
    const complete = await one.takeIn({ reason, partitions, signal, report: reporter() });
    if (signal.aborted) return;
    crashPoint?.('resync-taken-in');
    // Before the offsets: a process that ends between the two resyncs again.
    await ports.ended?.(topic, reason);
    await store(topic, reason, liveOffsets(partitions, { complete, overlap: one.overlapMax ?? 0 }));
    crashPoint?.('resync-committed');
    const ms = clock.now().getTime() - (state?.since.getTime() ?? 0);
    log.info({ topic, reason, done: state?.done, complete, ms }, 'a resync ended');
  }

  return {
    state: () => state,
    covers: (topic) => topics.some((one) => one.topic === topic),
    isSettled: () => settled,
    async ensure(signal) {
      try {
        for (const one of topics) {
          await resync(one, signal);
          if (signal.aborted) return;
          state = undefined;
        }
        settled = true;
      } catch (error) {
        if (state) state = { ...state, trouble: reasonOf(error) };
        throw error;
      }
    },
  };
}
