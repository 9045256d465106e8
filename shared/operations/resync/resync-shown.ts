// How a resync shows: in the readiness of the service, in its series, and in the figures that copies compare themselves with.
// While a resync runs, the service answers with the documents that it has, and says that they may be behind.

import { Counter, Gauge, type Registry } from 'prom-client';
import { z } from 'zod';
import { type HttpApp, type ReadinessCheck, withoutAddresses } from '../../http/index.ts';
import { scansAtOnce } from '../scans-at-once.ts';
import type { CopyFigures } from './copy-figures.ts';
import type { Resync, ResyncState } from './resync-ports.ts';
import type { ResyncReason } from './topic-offsets.ts';

export function resyncCheck(resync: Pick<Resync, 'state' | 'isSettled'>): ReadinessCheck {
  return { name: 'resync', ready: resync.isSettled() && resync.state() === undefined, detail: inWords(resync) };
}

function inWords(resync: Pick<Resync, 'state' | 'isSettled'>): string {
  const state = resync.state();
  if (state === undefined)
    return resync.isSettled() ? 'none is running' : 'the offsets of the service are not known yet';
  const { topic, reason, since, done, of, trouble } = state;
  const far = of === undefined ? `${done}` : `${done} of ${of}`;
  const last = trouble === undefined ? '' : `; the last try ended: ${withoutAddresses(trouble)}`;
  return `${topic} has been resyncing (${reason}) since ${since.toISOString()}: ${far} records read${last}`;
}

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
  gauge('foldline_resync_running', '1 while a resync of the topic runs', () => 1);
  gauge('foldline_resync_done', 'The number of records that the running resync has read', ({ done }) => done);
  gauge(
    'foldline_resync_left',
    'The number of records that the running resync has to read, where the number is known',
    (now) => Math.max(0, (now.of ?? now.done) - now.done),
  );
  return { begun: (topic, reason) => tries.inc({ topic, reason }) };
}

export const copyFiguresBody = z.strictObject({
  subjects: z.int().describe('How many there are, removed ones included'),
  versions: z.int().describe('The sum of their versions, which is the number of their events'),
});

/** @param name of what is counted, for example `things` */
export function addFiguresRoute(
  app: HttpApp,
  name: string,
  figures: () => Promise<CopyFigures>,
  path: `/${string}` = `/figures/${name}`,
): void {
  const inBounds = scansAtOnce(`count ${name}`);
  app.get(
    path,
    {
      config: { policy: 'read' },
      schema: {
        tags: ['operations'],
        summary: `How many ${name} are published as snapshots, and the sum of their versions`,
        response: { 200: copyFiguresBody },
      },
    },
    () => inBounds(figures),
  );
}
