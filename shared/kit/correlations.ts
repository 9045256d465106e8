// Correlations as sagas: each has its conversations in its own collection, and is shown over HTTP. The story of a conversation, and
// what an operator may say to one, have the routes of sagas.
import type { Collection } from 'mongodb';
import { z } from 'zod';
import { pageOfDocuments } from '../adapters/mongodb/index.ts';
import { conversationContracts, decoderOf } from '../contracts/index.ts';
import {
  type Clock,
  type ConversationInstances,
  type Conversing,
  type Correlation,
  correlationSaga,
  createCorrelator,
  type EventStore,
  type Ids,
  type ProjectedDocument,
  type SagaState,
  type StoredDocument,
} from '../engine/index.ts';
import { type HttpApp, pageFields, pageSchema, readPage, sendPage } from '../http/index.ts';
import type { DeclaredSaga } from './definition.ts';
import { nameQuery, presentSaga, type SagaRoutePorts, sagaHead } from './saga-routes.ts';

/** What each state that is shown means: whatever is neither complete nor given up waits, also for an operator. */
const stored = {
  waiting: ['waiting', 'running', 'parked'],
  complete: ['completed'],
  abandoned: ['abandoned'],
} as const satisfies Record<string, readonly SagaState[]>;
const states = ['waiting', 'complete', 'abandoned'] as const;
const conversation = sagaHead.omit({ state: true, attempts: true }).extend({
  correlationid: z.string(),
  state: z.enum(states),
  said: z.enum(['nothing', 'created', 'removed']),
  facts: z.array(z.strictObject({ role: z.string(), subject: z.string(), lost: z.boolean() })),
  held: z.array(z.strictObject({ role: z.string(), subject: z.string(), eventId: z.string() })),
});

interface ConversationPorts {
  readonly store: EventStore;
  readonly documents: ConversationInstances;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** A correlation as the saga that its conversations are. */
export function declaredCorrelation(
  correlation: Correlation,
  { store, documents, clock, ids }: ConversationPorts,
): DeclaredSaga {
  const decode = decoderOf(conversationContracts(correlation.stem));
  return {
    saga: correlationSaga(correlation, { decode, store, clock, ids }),
    delivers: (runner) => createCorrelator({ correlation, runner, instances: documents, clock }),
  };
}

/** `GET /correlations?state=&name=`: the conversations of one correlation, of the first unless it is named. */
export function addCorrelationRoutes(app: HttpApp, correlations: readonly SagaRoutePorts[]): void {
  const conversations = new Map(correlations.map(({ saga, collection }) => [saga.name, collection]));
  app.get(
    '/correlations',
    {
      config: { policy: 'read' },
      schema: {
        tags: ['correlations'],
        summary: 'List conversations by state',
        querystring: z.strictObject({
          state: z.enum(states).optional(),
          name: nameQuery([...conversations.keys()]),
          ...pageFields,
        }),
        response: { 200: pageSchema(conversation) },
      },
    },
    async (request, reply) => {
      const { limit, after } = readPage(request, 'string');
      const { state, name } = request.query;
      const collection = conversations.get(name) as Collection<StoredDocument>;
      const { documents, next } = await pageOfDocuments(collection, state ? { state: stored[state] } : {}, {
        after,
        limit,
      });
      const items = documents.map((document) => present(name, document));
      return sendPage(reply, request, items, next);
    },
  );
}

function present(name: string, document: ProjectedDocument): z.output<typeof conversation> {
  const { attempts: _, ...head } = presentSaga(name, document);
  const { correlationid, said, facts, held } = document.data as Conversing;
  const is = (wanted: readonly SagaState[]) => wanted.includes(head.state);
  return {
    ...head,
    correlationid,
    said,
    state: is(stored.complete) ? 'complete' : is(stored.abandoned) ? 'abandoned' : 'waiting',
    facts: Object.entries(facts).map(([role, { subject, removedBy }]) => ({ role, subject, lost: removedBy !== null })),
    held: held.map(({ role, subject, eventId }) => ({ role, subject, eventId })),
  };
}
