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

  /** @throws Failure `subject-held` when an event of the instance cannot be read */
  const read = async (subject: string): Promise<Known> => (await readSubject(source, subject)).document;

  /** Stores the events that `decide` returns. When another writer was faster, reads the instance again and asks `decide` again. */
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
    /** Reads several instances in two queries. An instance with an unreadable event is left out, because its state is not known. */
    async readAll(subjects: readonly string[]): Promise<ReadonlyMap<string, Known>> {
      const readings = [...(await readSubjects(source, subjects))].filter(([, { stop }]) => !stop);
      return new Map(readings.map(([subject, { document }]) => [subject, document]));
    },
    /** Returns the instance after the news. Most news is a repeat or does not concern the instance: then nothing is written. */
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
    /** Undefined when another writer moved the instance on meanwhile: the caller then reads the instance again. */
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

/** The first call answers with the known document; each later call asks again. */
function firstly(known: Known, ask: () => Promise<Known>): () => Promise<Known> {
  let asked = false;
  return async () => {
    if (asked) return ask();
    asked = true;
    return known;
  };
}
