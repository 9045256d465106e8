// A declared service together with its own parts, routes and documents. `defineService` ties their types together.
import type { Collection, Db } from 'mongodb';
import type { Registry } from 'prom-client';
import type { Settings, SettingsTable } from '../config/index.ts';
import type {
  Clock,
  CommandPorts,
  Correlation,
  DomainEvent,
  EventStore,
  FeedHandle,
  HeldSubjects,
  Ids,
  Projection,
  Saga,
  SagaRunner,
  StoredEvent,
  View,
} from '../engine/index.ts';
import type { ContractDocuments, HttpApp, HttpAppOptions, ReadinessCheck } from '../http/index.ts';
import type { VersionWaiters } from '../running/index.ts';
import type { Models, OwnOrigin, ServiceDeclaration, StoredSaga, Stores } from './declaration.ts';
import type { OpenModel } from './models.ts';
import type { OwnedKind } from './origins/routes.ts';
import type { ServiceLogger } from './parts.ts';
import type { ProjectionHooks } from './projecting.ts';
import type { ReadModelDocument } from './read-document.ts';
import type { DeliverToSaga } from './saga-inbox.ts';

/** The commands that a model takes; `never` for a model whose events another service owns. */
type CommandsOn<D> = D extends {
  readonly projection: Projection<infer V extends View, infer E extends DomainEvent>;
  readonly from: OwnOrigin;
}
  ? CommandPorts<V, E>
  : never;

/** A model with the view that its documents show. */
type OpenOf<D> = D extends { readonly projection: Projection<infer V extends View, infer _> } ? OpenModel<V> : never;

/** What the service's own code is given. */
export interface Opened<T extends SettingsTable, S extends Stores, M extends Models> {
  readonly config: Settings<T>;
  readonly logger: ServiceLogger;
  readonly db: Db;
  readonly metrics: Registry;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly stores: { readonly [K in keyof S]: EventStore };
  /** The collections of the stores. */
  readonly events: { readonly [K in keyof S]: Collection<StoredEvent> };
  readonly models: { readonly [K in keyof M]: OpenOf<M[K]> };
  readonly commands: { readonly [K in keyof M]: CommandsOn<M[K]> };
  readonly held: HeldSubjects;
  readonly waiters: VersionWaiters;
}

/** What a service says of itself. */
export type OwnCheck = (feed: Pick<FeedHandle, 'trouble'>) => Promise<Omit<ReadinessCheck, 'name' | 'ready'>>;

/** What the service adds to the running of its projection. */
export interface OwnParts extends ProjectionHooks {
  /** By their names, for verbose readiness; they never make the service not ready. One that takes too long is said to be not known. */
  readonly checks?: Readonly<Record<string, OwnCheck>>;
  /** Called after the feed was closed. */
  close?(): Promise<void>;
}

/** A saga, and what its instances are told of the events that the service follows. */
export interface DeclaredSaga {
  readonly saga: Saga<object, DomainEvent>;
  delivers(runner: Pick<SagaRunner<object, DomainEvent>, 'deliver'>): DeliverToSaga;
}

interface SagaDefinition<C> extends StoredSaga {
  open(opened: C): DeclaredSaga;
}

interface CorrelationDefinition<C> extends StoredSaga {
  open(opened: C): Correlation;
}

export interface Served {
  readonly app: HttpApp;
  /** What `GET /<model>/{id}` answers, and waits for. */
  readonly read: ReadModelDocument;
  /** What other services may copy from this one. */
  readonly owned: readonly OwnedKind[];
}

export interface ServiceDefinition<T extends SettingsTable, S extends Stores, M extends Models, O extends OwnParts>
  extends ServiceDeclaration<S, M> {
  readonly settings: ServiceDeclaration['settings'] & { readonly table: T };
  readonly sagas?: Readonly<Record<string, SagaDefinition<Opened<T, S, M>>>>;
  readonly correlations?: Readonly<Record<string, CorrelationDefinition<Opened<T, S, M>>>>;
  /** Opened after the stores and the models, and before anything is fed. */
  own?(opened: Opened<T, S, M>): O | Promise<O>;
  routes?(served: Served, opened: Opened<T, S, M>, own: O): void;
  readonly contracts?: ContractDocuments;
  readonly examples?: HttpAppOptions['examples'];
}

/** Ties the types of a declaration together; starts nothing. */
export function defineService<
  T extends SettingsTable,
  const S extends Stores,
  const M extends Models,
  O extends OwnParts,
>(definition: ServiceDefinition<T, S, M, O>): ServiceDefinition<T, S, M, O> {
  return definition;
}
