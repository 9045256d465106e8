// The third service: it joins two streams that do not know each other by the conversation that they have in common.
import {
  addCorrelationRoutes,
  addSagaRoutes,
  followTopics,
  openService,
  type ServiceLogger,
  type StartedService,
  startCorrelation,
  startMender,
  systemClock,
} from 'foldline';
import { decoderOf } from 'foldline/contracts';
import { createProjector, idOf, type Projection, readModel, type View } from 'foldline/engine';
import { pageQuery, pageSchema, readPage, sendPage } from 'foldline/fastify';
import { mongoDocuments, pageOfDocuments } from 'foldline/mongodb';
import { z } from 'zod';
import type { ExampleConfig } from '../../config.ts';
import { referenceContracts } from './contracts.ts';
import { channelGroupReference, memberOfBoth } from './correlations.ts';

interface Reference extends View {
  readonly state: 'none' | 'available' | 'removed';
  readonly data: { readonly groupId: string; readonly channelId: string };
}

const referenceProjection: Projection<Reference> = {
  name: 'references',
  kind: 'channel-group-reference',
  foldVersion: 1,
  decode: decoderOf(referenceContracts),
  initialState: { state: 'none', data: { groupId: '', channelId: '' } },
  evolve: ({ data }, event) =>
    event.type === 'channelGroupReferenceCreated_v1'
      ? { state: 'available', data: event.data as Reference['data'] }
      : { state: 'removed', data },
};

const referenceBody = z.strictObject({ id: z.string(), version: z.int(), groupId: z.string(), channelId: z.string() });

export async function startReferenceService(config: ExampleConfig, logger: ServiceLogger): Promise<StartedService> {
  const description = 'Which channel belongs to which group, found by their conversations.';
  const events = 'ChannelGroupEvents';
  const service = await openService({
    name: 'reference-service',
    description,
    database: 'channel_groups',
    collections: {
      events: [events],
      documents: { References: [{ key: { state: 1, _id: 1 }, name: 'state_id' }] },
      sagas: ['Conversations', 'MemberConversations'],
    },
    config,
    logger,
  });
  const own = { events, store: await service.openStore(events) };
  const collection = service.collection('References');
  const model = readModel(referenceProjection, mongoDocuments(collection));
  const { held, crashPoint } = service;
  const projector = createProjector({
    models: [model],
    held,
    clock: systemClock,
    log: logger,
    crashPoint,
    owner: own.store,
  });
  const { CONVERSATION_TIME_LIMIT_MS: timeLimitMs } = config;
  const pairs = await startCorrelation(service, {
    ...own,
    correlation: channelGroupReference(timeLimitMs),
    conversations: 'Conversations',
  });
  const members = await startCorrelation(service, {
    ...own,
    correlation: memberOfBoth(timeLimitMs),
    conversations: 'MemberConversations',
  });
  const correlations = [pairs, members];
  const mender = startMender(service, [{ models: [model], owner: own.store, apply: projector.apply }, ...correlations]);
  const feed = await followTopics(service, {
    name: 'reference-service',
    topics: ['group-events', 'channel-events', 'channel-group-events'],
    async handle(items) {
      const facts = items.flatMap((item) => ('event' in item ? [item.event] : []));
      await Promise.all(correlations.map(({ hear }) => hear(facts)));
      mender.noticed((await projector.apply(items)).held);
    },
  });
  const app = await service.createApp({ feed, sagas: correlations, mender });
  addCorrelationRoutes(app, correlations);
  addSagaRoutes(
    app,
    correlations.map(({ sagas }) => sagas),
  );
  app.get(
    '/channel-group-references',
    {
      config: { policy: 'read' },
      schema: {
        tags: ['references'],
        summary: 'List which channel belongs to which group',
        querystring: pageQuery,
        response: { 200: pageSchema(referenceBody) },
      },
    },
    async (request, reply) => {
      const { limit, after } = readPage(request, 'string');
      const { documents, next } = await pageOfDocuments(collection, { state: 'available' }, { after, limit });
      const items = documents.map(({ _id, version, data }) => ({
        id: idOf(_id),
        version,
        ...(data as Reference['data']),
      }));
      return sendPage(reply, request, items, next);
    },
  );
  return {
    app,
    async close() {
      await feed.close();
      await mender.close();
      await Promise.all(correlations.map((one) => one.close()));
      await service.client.close();
    },
  };
}
