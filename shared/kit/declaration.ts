// What a service is, said once: its stores, its models, and where the events of each model come from. `start-service.ts` derives
// everything else from these declarations, in the same way for every service.
import type { Document, IndexDescription } from 'mongodb';
import type { ReadMessage } from '../adapters/kafka/index.ts';
import type { CollectionForm } from '../adapters/mongodb/index.ts';
import type { SettingsTable } from '../config/index.ts';
import type { ClaimRule, DomainEvent, Projection, View } from '../engine/index.ts';
import type { SharedForm, SnapshotAsDocument } from '../operations/index.ts';

/** One collection of events that this service owns. */
export interface StoreDeclaration {
  readonly collection: string;
  /**
   * The topic that a connector publishes these events to; also the name of the store in readiness, status and series. Left out for a
   * store that nothing publishes.
   */
  readonly topic?: string;
  /** The kinds of subject that are stored there, for example `user`. Histories of sagas are not among them: other services copy none. */
  readonly kinds: readonly string[];
  readonly claimRules?: readonly ClaimRule[];
  /** Besides those that every collection of events has. */
  readonly indexes?: readonly IndexDescription[];
  /**
   * By kind: the form in which other services compare their copies. A kind without a form is compared event by event.
   */
  readonly forms?: Readonly<Record<string, SharedForm>>;
}

/** The events of a model are in a store of this service. */
export interface OwnOrigin {
  readonly store: string;
}

/** The events of a model are in the store of another service. */
export interface RemoteOrigin {
  /** The name of the service that owns the events, for messages. */
  readonly service: string;
  /** The beginning of its settings, for example `USER_SERVICE` for `USER_SERVICE_URL`; see `ownerSettings`. */
  readonly settings: string;
  readonly topic: string;
  /** The kind of subject. */
  readonly kind: string;
  /** The word for several subjects in messages, for example `users`. */
  readonly plural: string;
  /** How a message of the topic becomes an event; it is Foldline's own envelope unless given. */
  readonly read?: ReadMessage;
  /** The compacted topic to which the owner publishes its snapshots; a resync takes them in place of the events. */
  readonly snapshots?: {
    readonly topic: string;
    /** What a snapshot says in the words of the model. Total: it never throws. */
    asDocument(value: unknown): SnapshotAsDocument;
  };
  /** The form in which the owner compares its copies, over documents of this model; event by event unless given. */
  readonly form?: SharedForm;
}

/** A read model, or the snapshots of a service's own subjects. */
export interface ModelDeclaration<V extends View = View, E extends DomainEvent = DomainEvent> {
  readonly projection: Projection<V, E>;
  readonly from: OwnOrigin | RemoteOrigin;
  /** Besides the one that finds references by their targets. */
  readonly indexes?: readonly IndexDescription[];
  /**
   * The collection of a model that a connector publishes as snapshots. A connector follows a collection by its name, so that the
   * model keeps this collection for good: deleted documents are made again at once, and no generation takes its place.
   */
  readonly published?: string;
  /** Finds a document that names `subject` otherwise than by a reference; undefined when none can. */
  names?(subject: string): Document | undefined;
}

/** Where a saga is kept; the key in the declaration is the collection of its instances. */
export interface StoredSaga {
  /** The store of its histories. */
  readonly store: string;
}

export type Stores = Readonly<Record<string, StoreDeclaration>>;

/** In order of dependence: a model may name subjects of the models before it. */
export type Models = Readonly<Record<string, ModelDeclaration>>;

export interface ServiceDeclaration<S extends Stores = Stores, M extends Models = Models> {
  readonly name: string;
  readonly description: string;
  /** What operators call the projection that fills all models, for example `shop`. */
  readonly projection: string;
  readonly settings: {
    /** All settings of the service; begins with `baseSettings`. */
    readonly table: SettingsTable;
    /** The variable of the port. */
    readonly port: string;
    /** The variable of the database. */
    readonly database: string;
  };
  readonly stores: S;
  readonly models: M;
  /** By the collection of their instances. */
  readonly sagas?: Readonly<Record<string, StoredSaga>>;
  /** By the collection of their conversations. */
  readonly correlations?: Readonly<Record<string, StoredSaga>>;
  /**
   * True unless given. False is for a process beside another one with the same stores and models. It takes commands and reads documents; the other process
   * folds events, runs sagas, retries what is held, and offers verification, rebuild and pause.
   */
  readonly follows?: boolean;
  /** One more sentence for an operator whose database has collections of somebody else. */
  readonly wayOut?: string;
  /** Topics whose events the service hears of, and of which it keeps no model. */
  readonly hears?: readonly string[];
  /** Other collections that the service writes to, besides those of its stores and models. */
  readonly collections?: readonly CollectionForm[];
}

export function isOwn(from: OwnOrigin | RemoteOrigin): from is OwnOrigin {
  return 'store' in from;
}

/** @throws Error for a model, a saga or a correlation whose store is not declared */
export function assertStoresDeclared(
  declared: Pick<ServiceDeclaration, 'name' | 'stores' | 'models' | 'sagas' | 'correlations'>,
): void {
  const models = Object.entries(declared.models).flatMap(([key, { from }]) =>
    isOwn(from) ? [[key, from] as const] : [],
  );
  for (const [key, { store }] of [...models, ...Object.entries({ ...declared.sagas, ...declared.correlations })]) {
    if (!Object.hasOwn(declared.stores, store))
      throw new Error(
        `${key} of ${declared.name} names the store ${store}, which is not declared: add ${store} to stores.`,
      );
  }
}

/** The document has been told something: it is neither a placeholder nor as it was before its first event. */
export function isPublished({ initialState }: Pick<Projection, 'initialState'>) {
  return { version: { $gt: 0 }, state: { $ne: initialState.state } };
}

/** The names of the models that can have another generation. */
export function rebuildable(models: Models): string[] {
  return Object.values(models).flatMap(({ projection, published }) => (published ? [] : projection.name));
}
