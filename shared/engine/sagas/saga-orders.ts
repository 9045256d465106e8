// The two ways in which commands and sagas meet: what an operator may say to a saga, and the key of a command that a saga issues. An order
// that is given twice, or that does not fit, changes nothing; the same step gives the same key, so that its second command is a repeat.
import { createHash } from 'node:crypto';
import type { DomainEvent } from '../event.ts';
import { type Causation, type CommandPorts, execute, type RequestKey } from '../execute.ts';
import { Failure } from '../failure.ts';
import type { ProjectedDocument } from '../projection.ts';
import { type Saga, type SagaEvent, type SagaView, sagaProjection } from './saga.ts';

/** @param parts what tells this command from every other one of all sagas: the instance, the step, the target */
export function stepRequest(...parts: readonly (string | number)[]): RequestKey {
  const digest = createHash('sha256').update(parts.join('/')).digest('hex');
  return { claim: `key:${digest}`, digest };
}

export interface SagaOrder {
  readonly kind: 'resume' | 'abandon';
  /** 1 to 500 characters, kept in the history. */
  readonly reason: string;
}

export interface SagaOrdering {
  readonly subject: string;
  readonly order: SagaOrder;
  readonly causation: Causation;
  readonly request?: RequestKey | undefined;
}

/** @throws Failure `not-found` for an instance that never began */
export async function orderSaga<Data extends object, E extends DomainEvent>(
  saga: Saga<Data, E>,
  ports: Omit<CommandPorts<SagaView<Data>, E | SagaEvent>, 'projection'>,
  { subject, order, causation, request }: SagaOrdering,
): Promise<ProjectedDocument> {
  const source = { ...ports, projection: sagaProjection(saga) };
  const decider = { kind: saga.kind, source: saga.source, decide: decideOrder };
  const { document } = await execute(source, decider, { subject, command: order, causation, request });
  // Whoever runs the saga finds it by its document.
  await ports.documents.write([{ put: document }]);
  return document;

  function decideOrder({ kind, reason }: SagaOrder, { state }: SagaView<Data>): SagaEvent[] {
    switch (state) {
      case 'notBegun':
        throw new Failure('not-found', `There is no ${saga.kind} with this id.`);
      case 'completed':
      case 'abandoned':
        return [];
      case 'parked':
      case 'running':
      case 'waiting':
        if (kind === 'abandon') return [{ type: `${saga.stem}Abandoned_v1`, data: { reason } }];
        return state === 'parked' ? [{ type: `${saga.stem}Resumed_v1`, data: { reason } }] : [];
    }
  }
}
