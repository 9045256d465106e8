// Runs before a consumer begins: does the group have an offset in every log, and does the log still hold the records after that offset?
// If not, the documents are brought up from another source, and an offset is committed only after that. A crash before leaves no offset.

import { type Clock, type CrashAt, type Logger, reasonOf } from '../../engine/index.ts';
import { type Backoff, backoffMs, pause } from '../../running/index.ts';
import { liveOffsets, type ResyncReason, resyncReason } from './group-offsets.ts';
import type { GroupOffsets, Resync, ResyncState, TopicResync } from './resync-ports.ts';

export interface ResyncLimits {
  /** Tries to commit an offset before the whole resync is made again. */
  readonly commitTriesMax: number;
  readonly progressEveryMs: number;
  readonly retry: Backoff;
}

export interface ResyncPorts {
  readonly offsets: GroupOffsets;
  readonly topics: readonly TopicResync[];
  readonly limits: ResyncLimits;
  readonly clock: Clock;
  readonly log: Logger;
  readonly crashPoint?: CrashAt | undefined;
  /** Told of each resync that begins, for whoever counts them. */
  readonly begun?: (topic: string, reason: ResyncReason) => void;
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

  /** Done when the group has its offsets: by this process, or by another that was resyncing at the same time. */
  async function commit(topic: string, reason: ResyncReason, live: ReadonlyMap<number, bigint>, signal: AbortSignal) {
    let fault: unknown;
    for (let tries = 0; tries <= limits.commitTriesMax && !signal.aborted; tries += 1) {
      if (tries > 1) await pause(backoffMs(limits.retry, tries - 1), signal);
      // A group that was only behind has offsets already: when this commit is refused, those of a running consumer count.
      const isFirstOfBehind = reason === 'behind' && tries === 0;
      if (!isFirstOfBehind && resyncReason(await offsets.of(topic)) === undefined) return;
      await offsets.commit(topic, live).catch((error: unknown) => {
        fault = error;
      });
    }
    if (!signal.aborted) throw new Error(`the offsets in ${topic} could not be committed`, { cause: fault });
  }

  async function resync(one: TopicResync, signal: AbortSignal): Promise<void> {
    const { topic } = one;
    const partitions = await offsets.of(topic);
    const reason = resyncReason(partitions, one.behindMax);
    if (reason === undefined) return;
    begin(topic, reason);
    const complete = await one.takeIn({ reason, partitions, signal, report: reporter() });
    if (signal.aborted) return;
    crashPoint?.('resync-taken-in');
    await commit(topic, reason, liveOffsets(partitions, { complete, overlap: one.overlapMax ?? 0 }), signal);
    if (signal.aborted) return;
    crashPoint?.('resync-committed');
    const ms = clock.now().getTime() - (state?.since.getTime() ?? 0);
    log.info({ topic, reason, done: state?.done, complete, ms }, 'a resync ended');
  }

  return {
    state: () => state,
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
