// The projection of users as an operator sees it: how far it is behind the stored events, and which collection it writes.
import { gapLimits, keptLimits } from 'foldline/config';
import {
  type HeldSubjects,
  missingIn,
  type ProjectionPorts,
  type ReadModel,
  type RunningProjection,
  runningProjection,
  type StoredDocument,
  type StoredEvent,
} from 'foldline/engine';
import { projectionMetrics } from 'foldline/metrics';
import { countBehind } from 'foldline/mongodb';
import type { Collection } from 'mongodb';
import type { UserServiceConfig } from './config.ts';
import { userEventsSource } from './users/snapshot-projector.ts';

export interface UsersProjectionPorts
  extends Omit<ProjectionPorts, 'gaps' | 'collections' | 'limits' | 'nowMs' | 'held'> {
  readonly config: UserServiceConfig;
  readonly events: Collection<StoredEvent>;
  readonly snapshots: Collection<StoredDocument>;
  readonly model: ReadModel;
  readonly held: HeldSubjects;
  readonly metrics: Parameters<typeof projectionMetrics>[0];
}

/** Also shows it in the metrics. */
export function openUsersProjection(ports: UsersProjectionPorts): RunningProjection {
  const { config, events, snapshots, model, held } = ports;
  const missing = missingIn([model], held);
  const projection = runningProjection({
    ...ports,
    ...{ limits: keptLimits(config), nowMs: Date.now },
    gaps: [
      {
        ...{ name: userEventsSource, countedBy: 'documents' },
        count: () => countBehind(events, missing, gapLimits(config)),
      },
    ],
    collections: () => new Map([[model.projection.name, snapshots.collectionName]]),
  });
  projectionMetrics(ports.metrics, projection);
  return projection;
}
