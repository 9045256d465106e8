// Which kinds of subjects came that the shop does not keep, and how often since the start. Nothing is created for them.
import { type FeedItem, kindOf } from 'foldline/engine';
import type { ReadinessCheck } from 'foldline/fastify';

export interface IgnoredKinds {
  /** Told of every batch in which something was ignored. */
  saw(items: readonly FeedItem[]): void;
  check(): ReadinessCheck;
}

/** @param prefixesMax how many are told apart; what comes with yet another is counted together */
export function createIgnoredKinds(known: readonly string[], prefixesMax: number): IgnoredKinds {
  const kept = new Set(known);
  const seen = new Map<string, number>();
  let others = 0;
  return {
    saw(items) {
      for (const item of items) {
        if (!('event' in item)) continue;
        const prefix = kindOf(item.event.subject);
        if (kept.has(prefix)) continue;
        if (seen.has(prefix) || seen.size < prefixesMax) seen.set(prefix, (seen.get(prefix) ?? 0) + 1);
        else others += 1;
      }
    },
    check() {
      const prefixes = [...seen].map(([prefix, events]) => ({ prefix, events }));
      const events = prefixes.reduce((sum, one) => sum + one.events, others);
      const detail = `${events} events of subjects that nobody here keeps, since the start`;
      return { name: 'ignored-events', ready: true, detail, data: { prefixes, others } };
    },
  };
}
