// What the retrier of held subjects needs, and what it answers. Shapes only.
import type {
  BatchOutcome,
  Clock,
  FeedItem,
  Held,
  HeldSubjects,
  Logger,
  ProjectedDocument,
  ReadModel,
  Stop,
  StoredDocument,
  StoredEvent,
} from '../../engine/index.ts';

/** Who has the events of a subject: a store of this process, or a client of the service that has it. */
export interface Owner {
  /**
   * The next events of several subjects at once, at most `eachMax` of each, in order of version inside each subject. An owner may give
   * fewer at a time; when it gives none, there are no more.
   * @param failed called for each subject whose events cannot be read; the other subjects are still answered. Without it,
   * such a fault is thrown
   * @throws what kept the owner from answering at all
   */
  readNext(
    positions: ReadonlyMap<string, number>,
    eachMax: number,
    failed?: (subject: string, fault: unknown) => void,
  ): Promise<StoredEvent[]>;
}

/** The list of what is held, in order of keys. */
export interface HeldPages {
  after(key: string | undefined, limit: number): Promise<Held[]>;
  countAfter(key: string): Promise<number>;
}

export interface RetrierLimits {
  /** Subjects that are tried together, with one question to each owner. */
  readonly batchSubjectsMax: number;
  /** Events that one try reads and folds together. Only a subject that is folded from its first event may exceed this limit. */
  readonly batchEventsMax: number;
  /** The most subjects that wait for their next try; a later look finds the others again. */
  readonly trackedMax: number;
  readonly retryInitialMs: number;
  /** The longest wait for an event that its owner does not have. */
  readonly retryMsMax: number;
  /** The longest wait for an owner that does not answer. */
  readonly ownerRetryMsMax: number;
  /** How often it looks for holes that another process met and did not fill. */
  readonly lookEveryMs: number;
}

export interface RetrierPorts {
  readonly models: readonly ReadModel[];
  readonly held: HeldSubjects;
  readonly pages: HeldPages;
  /** The projector's `apply`, with all receivers of its outcome. The items of one call come from one owner. */
  readonly apply: (items: readonly FeedItem[]) => Promise<unknown>;
  /** The owner of a subject; undefined for a kind whose owner is not known here. */
  ownerOf(subject: string): Owner | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits: RetrierLimits;
  /** Told after each try how many subjects were tried and how many of them were released. */
  readonly tried?: (subjects: number, released: number) => void;
}

export interface Retried {
  readonly key: string;
  /** `unanswered`: its owner could not be asked, and the try does not count. `place`: an offset, so there is no subject to retry. */
  readonly outcome: 'released' | 'held' | 'unanswered' | 'place';
  readonly detail: string;
  /** As it is held now; undefined once it is released. */
  readonly held: Held | undefined;
}

export interface RetriedPage {
  readonly retried: readonly Retried[];
  /** How many are held behind the last one of this page. */
  readonly left: number;
}

/** The owner's later events folded onto the document as it is. */
export interface Fold {
  readonly document: ProjectedDocument | undefined;
  /** How many events were folded. */
  readonly events: number;
  readonly stop: Stop | undefined;
}

export interface ShownHeld {
  readonly held: Held;
  readonly document: StoredDocument | undefined;
  /** What a retry would make of it; undefined for a place, and when the owner cannot be asked. */
  readonly next: Fold | undefined;
  /** The same in words. */
  readonly detail: string;
}

export interface Retrier {
  /** Receives the subjects that a batch had to hold, and retries at once those with a hole. */
  noticed(held: BatchOutcome['held']): void;
  /** @throws Failure `not-found`, `invalid-request` for a place, or what the owner threw when it could not be asked */
  retry(key: string): Promise<Retried>;
  /** Retries the next `limit` entries after a key, for whichever reason they are held. */
  retryAfter(key: string | undefined, limit: number): Promise<RetriedPage>;
  /** Writes nothing. @throws Failure `not-found` */
  show(key: string): Promise<ShownHeld>;
  /**
   * Forgets a place, or a hole or an unreadable event that the owner, asked now, does not have.
   *
   * @throws Failure `not-found`, `invalid-request` for any other subject
   */
  dismiss(key: string): Promise<void>;
  readonly pages: HeldPages;
  /** Why the last try could not be made; undefined when it could. */
  trouble(): string | undefined;
  close(): Promise<void>;
}

/** A place in a topic, where no subject could be read. */
export function isPlace({ projection }: Pick<Held, 'projection'>): boolean {
  return projection === '';
}
