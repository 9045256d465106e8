// Which topics are there, and how many records ever came into them. The ends of a topic only grow: compaction, retention and
// deletion move its start, never its end.

import type { Admin } from 'kafkajs';
import { backoffMs, pause } from '../running/index.ts';
import type { Limits } from './config.ts';

export async function existing(admin: Admin, names: readonly string[]): Promise<ReadonlySet<string>> {
  const there = new Set(await admin.listTopics());
  return new Set(names.filter((name) => there.has(name)));
}

export async function lengths(
  admin: Admin,
  names: readonly string[],
  limits: Limits,
): Promise<ReadonlyMap<string, number>> {
  // Only of those that are there: asking for another makes one on a broker that makes topics by itself.
  const there = [...(await existing(admin, names))];
  const ends = await Promise.all(there.map((topic) => onceServed(() => admin.fetchTopicOffsets(topic), limits)));
  return new Map(there.map((name, i) => [name, (ends[i] ?? []).reduce((sum, { high }) => sum + Number(high), 0)]));
}

/** What a broker answers about a topic that was just made, or whose leader moves. */
const notYetServed = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE', 'NOT_LEADER_FOR_PARTITION']);

/** Asks again for a bounded time while the broker does not know the topic yet, or not its leaders. */
export async function onceServed<T>(ask: () => Promise<T>, limits: Limits): Promise<T> {
  const untilMs = performance.now() + limits.retryForMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      const waitMs = backoffMs({ initialMs: limits.retryInitialMs, maxMs: limits.retryMaxMs }, attempt);
      if (!isNotYetServed(error) || performance.now() + waitMs > untilMs) throw error;
      await pause(waitMs);
    }
  }
}

/** kafkajs wraps what it tried again itself. */
function isNotYetServed(error: unknown): boolean {
  const { type, cause } = Object(error) as { readonly type?: string; readonly cause?: { readonly type?: string } };
  return [type, cause?.type].some((one) => one !== undefined && notYetServed.has(one));
}
