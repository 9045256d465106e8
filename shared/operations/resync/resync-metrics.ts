// A resync as series. The labels are topics that the service follows and three reasons, so their number is bounded.
import { Counter, Gauge, type Registry } from 'prom-client';
import type { ResyncReason } from './group-offsets.ts';
import type { ResyncState } from './resync-ports.ts';

export interface ResyncMetrics {
  begun(topic: string, reason: ResyncReason): void;
}

/** @param topics those that are followed. @param state asked at each scrape */
export function resyncMetrics(
  registry: Registry,
  topics: readonly string[],
  state: () => ResyncState | undefined,
): ResyncMetrics {
  const tries = new Counter({
    name: 'foldline_resync_tries_total',
    help: 'Resyncs of a topic that were begun, repeated ones included, by what made them necessary',
    labelNames: ['topic', 'reason'],
    registers: [registry],
  });
  const gauge = (name: string, help: string, figureOf: (state: ResyncState) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['topic'],
      registers: [registry],
      collect() {
        const now = state();
        for (const topic of topics) this.set({ topic }, now?.topic === topic ? figureOf(now) : 0);
      },
    });
  gauge('foldline_resync_running', '1 while the topic is resynced', () => 1);
  gauge('foldline_resync_done', 'What the resync that runs has taken in', ({ done }) => done);
  gauge('foldline_resync_left', 'What the resync that runs has to take in, as far as that is known', (now) =>
    Math.max(0, (now.of ?? now.done) - now.done),
  );
  return { begun: (topic, reason) => tries.inc({ topic, reason }) };
}
