// The sagas and correlations of a service. The instances of a saga are a cache of their streams as every snapshot is: they follow the
// streams, so that what a crash left undone is found by the next process, and lost documents come back.
import type { Collection } from 'mongodb';
import {
  type CheckpointDocument,
  catchUpByScanning,
  changeStreamFeed,
  mongoCheckpoints,
  mongoSagaInstances,
} from '../adapters/mongodb/index.ts';
import { feedLimits } from '../config/index.ts';
import {
  createProjector,
  type FeedHandle,
  readModel,
  type SagaInstances,
  type StoredDocument,
  sagaProjection,
} from '../engine/index.ts';
import { createSagaRunner } from '../running/index.ts';
import { declaredCorrelation } from './correlations.ts';
import type { StoredSaga } from './declaration.ts';
import type { DeclaredSaga } from './definition.ts';
import { scanOf } from './event-scan.ts';
import type { OpenStore, Parts } from './parts.ts';
import type { Mendable } from './retrier.ts';
import { openSagaInbox, type SagaInbox } from './saga-inbox.ts';
import type { SagaRoutePorts } from './saga-routes.ts';
import { sagaLimits, withSagaSettings } from './settings.ts';

/** Not at work yet: a process that follows nothing shows its sagas, and takes what an operator says to them. */
export interface OpenSaga extends SagaRoutePorts, Pick<DeclaredSaga, 'delivers'> {
  readonly documents: SagaInstances;
  readonly isCorrelation: boolean;
  /** Where its histories are stored. */
  readonly origin: OpenStore;
}

/** Its instances can be held as any document can, so a retrier has to know it. */
export interface RunningSaga extends SagaInbox, Mendable, Pick<FeedHandle, 'trouble'> {
  readonly name: string;
}

interface Declared<C> {
  readonly sagas?: Readonly<Record<string, StoredSaga & { open(opened: C): DeclaredSaga }>>;
  readonly correlations?: Readonly<
    Record<string, StoredSaga & { open(opened: C): Parameters<typeof declaredCorrelation>[0] }>
  >;
}

export function openSagas<C>(parts: Parts, { sagas = {}, correlations = {} }: Declared<C>, opened: C): OpenSaga[] {
  const placed = (collectionName: string, { store: key }: StoredSaga) => {
    const origin = parts.stores[key] as OpenStore;
    const collection: Collection<StoredDocument> = parts.db.collection(collectionName);
    const documents = mongoSagaInstances(collection);
    return { origin, store: origin.store, collection, documents, clock: parts.clock, ids: parts.ids };
  };
  return [
    ...Object.entries(sagas).map(([name, one]) => {
      const { saga, delivers } = one.open(opened);
      return { ...placed(name, one), saga, delivers, isCorrelation: false };
    }),
    ...Object.entries(correlations).map(([name, one]) => {
      const place = placed(name, one);
      const { saga, delivers } = declaredCorrelation(one.open(opened), place);
      return { ...place, saga, delivers, isCorrelation: true };
    }),
  ];
}

/** Begins to carry out the due steps, also those that an earlier process left. Close the saga after the feed that brings its events. */
export async function startSaga(parts: Parts, { saga, delivers, origin, documents }: OpenSaga): Promise<RunningSaga> {
  const { db, crashPoint, held, clock, ids, logger: log } = parts;
  const { name } = saga;
  const config = withSagaSettings(parts.config);
  const { store, collection: source, events } = origin;
  const models = [readModel(sagaProjection(saga), documents)];
  const projector = createProjector({ models, held, clock, log, owner: store });
  const scan = scanOf(parts, models, { topic: source, events });
  const feed = await changeStreamFeed({
    name,
    source,
    collection: events,
    limits: feedLimits(config),
    log,
    checkpoints: mongoCheckpoints(db, db.collection<CheckpointDocument>('Checkpoints')),
    catchUp: (handle, signal) => catchUpByScanning(scan, handle, signal),
  }).start(async (items) => {
    await projector.apply(items);
  });
  const limits = sagaLimits(config);
  const runner = createSagaRunner({ saga, instances: documents, store, clock, ids, log, limits, crashPoint });
  const inbox = openSagaInbox({ db, config, logger: log }, name, delivers(runner));
  return {
    ...inbox,
    name,
    models,
    owner: store,
    apply: projector.apply,
    trouble: feed.trouble,
    async close() {
      await inbox.close();
      await runner.close();
      await feed.close();
    },
  };
}

/** All of them, in the order of their declaration. */
export async function startSagas(parts: Parts, sagas: readonly OpenSaga[]): Promise<readonly RunningSaga[]> {
  const running: RunningSaga[] = [];
  for (const one of sagas) running.push(await startSaga(parts, one));
  return running;
}
