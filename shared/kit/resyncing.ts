// How a service gets to the right state when its consumer group has no usable offset in a topic: each origin knows its own way.
import { createResync, type Resync, type ResyncMetrics, resyncMetrics } from '../operations/index.ts';
import type { Origins } from './origins/index.ts';
import type { ResyncInto } from './origins/origin.ts';
import type { Parts } from './parts.ts';
import { resyncLimits } from './resync.ts';

/** Undefined without a broker: change streams find by a scan what they do not bring. */
export function openResync(
  { broker, metrics, clock, logger: log, crashPoint }: Parts,
  { all }: Origins,
  into: ResyncInto,
): Resync | undefined {
  if (!broker) return undefined;
  // What the service has itself comes first: it needs nobody else.
  const inOrder = [...all.filter(({ origin }) => !origin.foreign), ...all.filter(({ origin }) => origin.foreign)];
  const topics = inOrder.map(({ origin }) => origin.topic);
  const series: ResyncMetrics = resyncMetrics(metrics, topics, () => resync.state());
  const resync = createResync({
    offsets: broker.offsets,
    topics: inOrder.map(({ origin, models }) => origin.resync(models, broker, into)),
    limits: resyncLimits(broker.config),
    clock,
    begun: series.begun,
    log,
    crashPoint,
  });
  return resync;
}
