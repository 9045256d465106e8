// A correlation as a running part of a service: its conversations in their own collection, fed by a feed, shown over HTTP.
import { z } from 'zod';
import { openSagaInstances, pageOfDocuments } from '../adapters/mongodb/index.ts';
import { systemClock, systemIds } from '../config/index.ts';
import { conversationContracts, decoderOf } from '../contracts/index.ts';
import {
  type Conversing,
  type Correlation,
  correlationSaga,
  createCorrelator,
  createSagaRunner,
  type EventStore,
  type ProjectedDocument,
  type StoredDocument,
  type StoredEvent,
} from '../engine/index.ts';
import { type HttpApp, pageFields, pageSchema, readPage, sendPage } from '../http/index.ts';
import type { OpenService } from './open-service.ts';
import { presentSaga, sagaHead } from './saga-routes.ts';
import { sagaLimits } from './settings.ts';

const states = ['waiting', 'complete', 'abandoned'] as const;
const conversation = sagaHead.omit({ state: true, attempts: true }).extend({
  correlationid: z.string(),
  state: z.enum(states),
  said: z.enum(['nothing', 'created', 'removed']),
  facts: z.array(z.strictObject({ role: z.string(), subject: z.string(), lost: z.boolean() })),
  held: z.array(z.strictObject({ role: z.string(), subject: z.string(), eventId: z.string() })),
});

export interface RunningCorrelation {
  apply(events: readonly StoredEvent[]): Promise<void>;
  close(): Promise<void>;
}

/** Opens the collection `<Name>` of conversations and begins to carry out what is due. */
export async function startCorrelation(
  service: OpenService,
  { correlation, store, collection }: { correlation: Correlation; store: EventStore; collection: string },
): Promise<RunningCorrelation> {
  const { db, config, crashPoint, logger: log } = service;
  const instances = await openSagaInstances(db.collection<StoredDocument>(collection));
  const [clock, ids] = [systemClock, systemIds];
  const decode = decoderOf(conversationContracts(correlation.stem));
  const saga = correlationSaga(correlation, { decode, store, clock, ids });
  const runner = createSagaRunner({ saga, instances, store, clock, ids, log, crashPoint, limits: sagaLimits(config) });
  const apply = createCorrelator({ correlation, runner, instances, clock });
  return { apply, close: () => runner.close() };
}

/** `GET /correlations?state=`: the conversations of one correlation. */
export function addCorrelationRoutes(
  app: HttpApp,
  { db }: OpenService,
  { correlation, collection }: { correlation: Correlation; collection: string },
): void {
  const conversations = db.collection<StoredDocument>(collection);
  app.get(
    '/correlations',
    {
      config: { policy: 'read' },
      schema: {
        ...{ tags: ['correlations'], summary: 'List conversations by state' },
        querystring: z.strictObject({ state: z.enum(states).optional(), ...pageFields }),
        response: { 200: pageSchema(conversation) },
      },
    },
    async (request, reply) => {
      const { limit, after } = readPage(request, 'string');
      const { state } = request.query;
      const equal: Record<string, string> = state ? { state: state === 'complete' ? 'completed' : state } : {};
      const { documents, next } = await pageOfDocuments(conversations, equal, { after, limit });
      return sendPage(reply, request, documents.map(present), next);
    },
  );

  function present(document: ProjectedDocument): z.output<typeof conversation> {
    const { attempts: _, ...head } = presentSaga(correlation.name, document);
    const { correlationid, said, facts, held } = document.data as Conversing;
    return {
      ...head,
      ...{ correlationid, said },
      state: head.state === 'completed' ? 'complete' : head.state === 'abandoned' ? 'abandoned' : 'waiting',
      facts: Object.entries(facts).map(([role, { subject, removedBy }]) => ({
        role,
        subject,
        lost: removedBy !== null,
      })),
      held: held.map(({ role, subject, eventId }) => ({ role, subject, eventId })),
    };
  }
}
