// The routes by which operators see sagas and decide about parked ones: lists by state, the story of one saga, resume, abandon.
import type { Collection } from 'mongodb';
import { z } from 'zod';
import { pageOfDocuments } from '../adapters/mongodb/index.ts';
import {
  type CommandPorts,
  type DomainEvent,
  Failure,
  idOf,
  orderSaga,
  type ProjectedDocument,
  readSubject,
  type Saga,
  type SagaView,
  type StoredDocument,
  sagaProjection,
  sagaStates,
  subjectOf,
} from '../engine/index.ts';
import {
  afterVersionQuery,
  commandContext,
  type HttpApp,
  idParams,
  pageFields,
  pageSchema,
  readPage,
  sendPage,
  setVersionHeaders,
} from '../http/index.ts';

export const sagaHead = z.strictObject({
  id: z.string(),
  saga: z.string(),
  state: z.enum([...sagaStates, 'notBegun']),
  version: z.int(),
  since: z.iso.datetime(),
  attempts: z.int(),
  dueAt: z.string().nullable(),
  reason: z.string().nullable(),
});
const story = sagaHead.extend({
  data: z.record(z.string(), z.unknown()),
  timeline: z.array(
    z.strictObject({
      version: z.int(),
      time: z.iso.datetime(),
      type: z.string(),
      data: z.record(z.string(), z.unknown()),
      causationid: z.string().optional(),
    }),
  ),
});
/** A saga with many targets has a long history: a caller asks for the rest with the last version shown. */
const timelineEventsMax = 200;
const order = z.strictObject({ reason: z.string().trim().min(1).max(500) });

export interface SagaRoutePorts extends Omit<CommandPorts<SagaView, DomainEvent>, 'projection'> {
  readonly saga: Saga<object, DomainEvent>;
  readonly collection: Collection<StoredDocument>;
}

/** Which of several is asked for: the first unless it is named. */
export function nameQuery(names: readonly string[]) {
  const [first = '', ...others] = names;
  return z.enum([first, ...others]).default(first);
}

/** `GET /sagas`, `GET /sagas/{id}` and what an operator may say to one; `?name=` tells which saga, the first unless it is named. */
export function addSagaRoutes(app: HttpApp, all: readonly SagaRoutePorts[]): void {
  const byName = new Map(all.map((ports) => [ports.saga.name, ports]));
  const name = nameQuery([...byName.keys()]);
  const named = (query: { readonly name: string }) => byName.get(query.name) as SagaRoutePorts;
  const tags = ['sagas'];
  const states = z.strictObject({ state: z.enum(sagaStates).optional(), name, ...pageFields });

  app.get(
    '/sagas',
    {
      config: { policy: 'read' },
      schema: { tags, summary: 'List sagas by state', querystring: states, response: { 200: pageSchema(sagaHead) } },
    },
    async (request, reply) => {
      const { limit, after } = readPage(request, 'string');
      const { state } = request.query;
      const { saga, collection } = named(request.query);
      const { documents, next } = await pageOfDocuments(collection, state ? { state } : {}, { after, limit });
      return sendPage(
        reply,
        request,
        documents.map((document) => presentSaga(saga.name, document)),
        next,
      );
    },
  );

  app.get(
    '/sagas/:id',
    {
      config: { policy: 'read', versioned: true, problems: ['not-found', 'subject-held'] },
      schema: {
        tags,
        summary: 'Read the story of one saga',
        params: idParams,
        response: { 200: story },
        querystring: z.strictObject({ afterVersion: afterVersionQuery.optional(), name }),
      },
    },
    async (request, reply) => {
      const { saga, ...ports } = named(request.query);
      const subject = subjectOf(saga.kind, request.params.id);
      const { document } = await readSubject({ ...ports, projection: sagaProjection(saga) }, subject);
      if (!document) throw new Failure('not-found', `There is no ${saga.kind} with this id.`);
      const { afterVersion = 0 } = request.query;
      const events = await ports.store.read(subject, { afterVersion, limit: timelineEventsMax });
      setVersionHeaders(reply, { version: document.version });
      const { progress: _, ...data } = (document as ProjectedDocument & { data: SagaView['data'] }).data;
      return {
        ...presentSaga(saga.name, document),
        data,
        timeline: events.map(({ version, time, type, data: said, causationid }) => ({
          version,
          time: time.toISOString(),
          type,
          data: { ...said },
          ...(causationid === undefined ? {} : { causationid }),
        })),
      };
    },
  );

  for (const kind of ['resume', 'abandon'] as const) {
    app.post(
      `/sagas/:id/${kind}`,
      {
        config: {
          policy: 'admin',
          keyed: true,
          versioned: false,
          problems: ['not-found', 'version-conflict', 'subject-held'],
        },
        schema: {
          tags,
          params: idParams,
          querystring: z.strictObject({ name }),
          body: order,
          response: { 200: sagaHead },
          summary: kind === 'resume' ? 'Let a parked saga go on' : 'End a saga where it is',
        },
      },
      async (request) => {
        const { saga, ...ports } = named(request.query);
        const subject = subjectOf(saga.kind, request.params.id);
        const { causation, keyed } = commandContext(request);
        const said = {
          subject,
          request: keyed,
          causation,
          order: { kind, reason: request.body.reason },
        };
        return presentSaga(saga.name, await orderSaga(saga, ports, said));
      },
    );
  }
}

/** What every saga shows of itself. */
export function presentSaga(saga: string, document: ProjectedDocument): z.output<typeof sagaHead> {
  const { attempts, dueAt, reason } = (document.data as SagaView['data']).progress;
  const { _id, state, version, createdAt } = document;
  return {
    id: idOf(_id),
    saga,
    state: state as SagaView['state'],
    version,
    since: createdAt.toISOString(),
    attempts,
    dueAt,
    reason,
  };
}
