// The histories of a saga's instances. Many histories are read at once, and an append is decided on the history that was just read. When
// another writer was faster the store refuses the append, so a late reading costs a second reading and nothing else.
import type { DomainEvent } from '../event.ts';
import { type Causation, type CommandPorts, executeTogether } from '../execute.ts';
import { Failure, isFailure } from '../failure.ts';
import { readSubject, readSubjects } from '../fold.ts';
import type { Clock, EventStore, Ids } from '../ports.ts';
import { type ProjectedDocument, viewOf } from '../projection.ts';
import { type Saga, type SagaEvent, type SagaView, sagaProjection } from './saga.ts';
import type { SagaDelivery, SagaInstances } from './saga-ports.ts';

export interface SagaHistoryPorts<Data extends object, E extends DomainEvent> {
  readonly saga: Saga<Data, E>;
  readonly instances: SagaInstances;
  readonly store: EventStore;
  readonly clock: Clock;
  readonly ids: Ids;
}

type Known = ProjectedDocument | undefined;

export function sagaHistory<Data extends object, E extends DomainEvent>({
  saga,
  instances,
  store,
  clock,
  ids,
}: SagaHistoryPorts<Data, E>) {
  const projection = sagaProjection<Data, E>(saga);
  const source: CommandPorts<SagaView<Data>, E | SagaEvent> = { store, clock, ids, projection, documents: instances };
  const recorder: Pick<Saga<Data, E>, 'source'> = { source: saga.source };

  const view = (known: Known): SagaView<Data> => (known ? viewOf(known) : projection.initialState);

  /** @throws Failure `subject-held` when an event of it cannot be read */
  const read = async (subject: string): Promise<Known> => (await readSubject(source, subject)).document;

  /** Stores what `decide` makes of the first reading, and of a new one each time that somebody else was faster. */
  async function add(
    subject: string,
    causation: Causation,
    reading: () => Promise<Known>,
    decide: (view: SagaView<Data>) => readonly (E | SagaEvent)[],
  ): Promise<ProjectedDocument> {
    const { document } = await executeTogether(source, recorder, {
      causation,
      async plan() {
        const document = await reading();
        return [{ subject, document, snapshotVersion: document?.version ?? 0, events: decide(view(document)) }];
      },
    });
    return document;
  }

  return {
    view,
    read,
    /** Several in two queries. One with an event that cannot be read is left out, for nobody knows how it stands. */
    async readAll(subjects: readonly string[]): Promise<ReadonlyMap<string, Known>> {
      const readings = [...(await readSubjects(source, subjects))].filter(([, { stop }]) => !stop);
      return new Map(readings.map(([subject, { document }]) => [subject, document]));
    },
    /** The instance as the news leaves it; most news is a repeat, or concerns nobody: nothing is written then. */
    async deliver(subject: string, known: Known, deliveries: readonly SagaDelivery<Data, E>[]): Promise<Known> {
      let document = known;
      for (const { causation, decide } of deliveries) {
        if (decide(view(document)).length === 0) continue;
        document = await add(
          subject,
          causation,
          firstly(document, () => read(subject)),
          decide,
        );
      }
      return document;
    },
    /** Undefined when somebody else moved the instance on meanwhile: what they left is looked at instead. */
    async remember(known: ProjectedDocument, events: readonly (E | SagaEvent)[]): Promise<Known> {
      const refuse = async (): Promise<Known> => {
        throw new Failure('version-conflict', `${known._id} was moved on by somebody else.`);
      };
      try {
        return await add(known._id, saga.causation(view(known).data), firstly(known, refuse), () => events);
      } catch (error) {
        if (isFailure(error) && error.code === 'version-conflict') return undefined;
        throw error;
      }
    },
  };
}

/** Answers with what is known already, and asks from then on. */
function firstly(known: Known, ask: () => Promise<Known>): () => Promise<Known> {
  let asked = false;
  return async () => {
    if (asked) return ask();
    asked = true;
    return known;
  };
}
