// Where the events of models come from: a store of this service, or another service. Each operation on a model asks its origin, and
// nobody else: a retry of a held subject, readiness, a verification, a resync and a rebuild.
import type { ReadMessage } from '../../adapters/kafka/index.ts';
import type { Projection } from '../../engine/index.ts';
import type { BackfillSource, ComparedSide, Owner, SharedForm, TopicResync } from '../../operations/index.ts';
import type { HandleItems, StoredPosition } from '../../running/index.ts';
import type { Broker } from '../broker.ts';
import type { OpenModel } from '../models.ts';

/** What the documents of a model must equal, and the form in which the two are compared. */
export interface Comparison {
  readonly form: SharedForm;
  readonly source: ComparedSide;
  /** In words, for example `user-service`. */
  readonly sourceName: string;
}

/** What the models of one topic have in common. `readNext` gives the events that a document lacks. */
export interface TopicOrigin extends Owner {
  /** The topic that carries the events; names the origin in feeds, readiness, status and series. */
  readonly topic: string;
  /** How a message of the topic becomes an event; undefined for Foldline's own envelope. */
  readonly read?: ReadMessage | undefined;
  /** Whether another service has to be asked: its silence says nothing about this one. */
  readonly foreign: boolean;
  /** The newest stored events, one of a kind at most. They tell whether events arrive, and prove nothing about the others. */
  newest(): Promise<readonly StoredPosition[]>;
  /** How the models get to the right state when the consumer group has no usable place in the topic. */
  resync(models: readonly OpenModel[], broker: Broker, into: ResyncInto): TopicResync;
}

/** Where the events of one model come from. */
export interface Origin extends TopicOrigin {
  comparison(projection: Projection): Comparison;
  /** What a new generation of a model can be filled from besides the topic, in the order in which they are tried. */
  sources(model: OpenModel): readonly BackfillSource[];
}

/** Where a resync puts what it takes in. */
export interface ResyncInto {
  /** Folds events, as the feed does. */
  readonly handle: HandleItems;
  /** Told where documents are now that came without an event, for readers who wait for a version. */
  readonly reached: (source: string, versions: ReadonlyMap<string, number>) => void;
}
