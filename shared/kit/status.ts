// The projection of a service as an operator sees it: its gap to each of its sources (counted in the topics by its own offsets,
// without a broker by its documents), and the collections that it writes.
import { countBehind } from '../adapters/mongodb/index.ts';
import { gapCacheLimits, gapLimits } from '../config/index.ts';
import {
  backlogOf,
  type GapSource,
  type ProjectionPorts,
  projectionMetrics,
  type RunningProjection,
  runningProjection,
} from '../operations/index.ts';
import { missingIn } from '../running/index.ts';
import { followedCollections } from './event-scan.ts';
import { type OpenModels, readModelsOf } from './models.ts';
import type { Parts } from './parts.ts';

export interface StatusWork extends Pick<ProjectionPorts, 'progress' | 'watch' | 'verifier' | 'resync' | 'rebuilding'> {
  readonly models: OpenModels;
  readonly topics: readonly string[];
}

/** Also shows it in the series. */
export function openStatus(parts: Parts, { models, topics, ...work }: StatusWork): RunningProjection {
  const projection = runningProjection({
    ...work,
    heldCount: parts.heldCount,
    pauseGate: parts.pauseGate,
    gaps: gapsOf(parts, models, topics),
    limits: gapCacheLimits(parts.config),
    nowMs: Date.now,
    collections: () =>
      new Map(Object.values(models).map(({ model, collection }) => [model.projection.name, collection.collectionName])),
  });
  projectionMetrics(parts.metrics, projection);
  return projection;
}

function gapsOf(parts: Parts, models: OpenModels, topics: readonly string[]): GapSource[] {
  const { broker, config, held } = parts;
  if (broker)
    return topics.map((name) => ({
      name,
      countedBy: 'offsets',
      count: async () => ({ events: backlogOf(await broker.offsets.of(name)), isLeast: false }),
    }));
  const missing = missingIn(readModelsOf(models), held);
  const followed = followedCollections(parts).filter(({ topic }) => topics.includes(topic));
  return followed.map(({ topic: name, events }) => ({
    name,
    countedBy: 'documents',
    count: () => countBehind(events, missing, gapLimits(config)),
  }));
}
