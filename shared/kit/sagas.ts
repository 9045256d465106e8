// A saga as a running part of a service. Its instances are a cache of their streams as every snapshot is: they follow the streams,
// so that whatever a crash left undone is found by whoever runs, and lost documents come back. It hears of events by its ear.
import {
  type CheckpointDocument,
  catchUpByScanning,
  changeStreamFeed,
  mongoCheckpoints,
} from '../adapters/mongodb/index.ts';
import { feedLimits, systemClock, systemIds } from '../config/index.ts';
import {
  createProjector,
  type DomainEvent,
  type EventStore,
  readModel,
  type Saga,
  type SagaInstances,
  type SagaRunner,
  type StoredEvent,
  sagaProjection,
} from '../engine/index.ts';
import { createSagaRunner } from '../running/index.ts';
import type { Mendable } from './mender.ts';
import type { OpenService, SagaAtWork } from './open-service.ts';
import { openSagaEar, type SagaEar, type TellSaga } from './saga-ear.ts';
import { sagaLimits } from './settings.ts';

export interface SagaParts<Data extends object, E extends DomainEvent> {
  readonly saga: Saga<Data, E>;
  readonly store: EventStore;
  /** The collection that `store` keeps its events in. */
  readonly events: string;
  readonly documents: SagaInstances;
  /** What its instances are told of events. */
  tells(runner: Pick<SagaRunner<Data, E>, 'tell'>): TellSaga;
}

/** Its instances can be held as any document can, so a mender has to know it. */
export interface RunningSaga extends SagaEar, Mendable, SagaAtWork {}

/** Begins to carry out what is due, also what an earlier process left; close it after whatever tells it news. */
export async function startSaga<Data extends object, E extends DomainEvent>(
  service: OpenService,
  { saga, store, events, documents, tells }: SagaParts<Data, E>,
): Promise<RunningSaga> {
  const { db, config, crashPoint, held, logger: log } = service;
  const [clock, limits] = [systemClock, feedLimits(config)];
  const models = [readModel(sagaProjection(saga), documents)];
  const projector = createProjector({ models, held, clock, log, owner: store });
  const collection = db.collection<StoredEvent>(events);
  const scan = {
    source: events,
    events: collection,
    models,
    subjectsPerPage: config.CATCH_UP_SUBJECTS_PER_PAGE,
    batchEventsMax: limits.batchEventsMax,
  };
  const feed = await changeStreamFeed({
    name: saga.name,
    source: events,
    collection,
    limits,
    log,
    checkpoints: mongoCheckpoints(db, db.collection<CheckpointDocument>('Checkpoints')),
    catchUp: (handle, signal) => catchUpByScanning(scan, handle, signal),
  }).start(async (items) => {
    await projector.apply(items);
  });
  const runner = createSagaRunner({
    saga,
    instances: documents,
    store,
    clock,
    ids: systemIds,
    log,
    crashPoint,
    limits: sagaLimits(config),
  });
  const ear = openSagaEar(service, saga.name, tells(runner));
  return {
    ...ear,
    name: saga.name,
    models,
    owner: store,
    apply: projector.apply,
    trouble: feed.trouble,
    async close() {
      await ear.close();
      await runner.close();
      await feed.close();
    },
  };
}
