// The third service: it joins two streams that do not know each other by the conversation that they have in common.
import { systemClock } from '@foldline/shared/config';
import { decoderOf } from '@foldline/shared/contracts';
import {
  type Correlation,
  createProjector,
  type Fact,
  idOf,
  type Projection,
  readModel,
  type StoredDocument,
  type View,
} from '@foldline/shared/engine';
import { pageQuery, pageSchema, readPage, sendPage } from '@foldline/shared/http';
import { mongoDocuments, pageOfDocuments } from '@foldline/shared/mongodb';
import {
  addCorrelationRoutes,
  followTopics,
  openService,
  type ServiceConfig,
  type ServiceLogger,
  type StartedService,
  startCorrelation,
} from '@foldline/shared/service';
import { v5 } from 'uuid';
import { z } from 'zod';
import { referenceContracts } from './contracts.ts';

const idFor = (correlationid: string) => v5(correlationid, v5.URL);
const id = (fact: Fact | undefined) => idOf(fact?.subject ?? '');

// #region correlation
/** Whoever asked for a group with its channel sent one Correlation-Id with both commands. */
export const channelGroupReference: Correlation = {
  name: 'channel-group-reference',
  stem: 'channelGroupReference',
  source: '/references',
  facts: {
    group: { filledBy: 'groupCreated_v1', lostBy: 'groupRemoved_v1' },
    channel: { filledBy: 'channelCreated_v1', lostBy: 'channelRemoved_v1' },
  },
  created: ({ group, channel }) => ({
    type: 'channelGroupReferenceCreated_v1',
    data: { groupId: id(group), channelId: id(channel) },
  }),
  removed: { type: 'channelGroupReferenceRemoved_v1', data: {} },
  timeLimitMs: 60_000,
  idFor,
};
// #endregion

/** A longer chain: the same, and somebody joined both. */
export const memberOfBoth: Correlation = {
  ...{ name: 'group-channel-member', stem: 'groupChannelMember', source: '/references', timeLimitMs: 60_000, idFor },
  facts: {
    group: { filledBy: 'groupCreated_v1' },
    channel: { filledBy: 'channelCreated_v1' },
    inGroup: { filledBy: 'memberJoinedGroup_v1' },
    inChannel: { filledBy: 'memberJoinedChannel_v1' },
  },
  created: ({ group, channel, inGroup }) => ({
    type: 'memberJoinedGroupChannel_v1',
    data: { groupId: id(group), channelId: id(channel), memberId: inGroup?.data.memberId },
  }),
};

interface Reference extends View {
  readonly state: 'none' | 'available' | 'removed';
  readonly data: { readonly groupId: string; readonly channelId: string };
}

const referenceProjection: Projection<Reference> = {
  ...{ name: 'references', kind: channelGroupReference.name, foldVersion: 1 },
  decode: decoderOf(referenceContracts),
  initialState: { state: 'none', data: { groupId: '', channelId: '' } },
  evolve: ({ data }, event) =>
    event.type === 'channelGroupReferenceCreated_v1'
      ? { state: 'available', data: event.data as Reference['data'] }
      : { state: 'removed', data },
};

const referenceBody = z.strictObject({ id: z.string(), version: z.int(), groupId: z.string(), channelId: z.string() });

export async function startReferenceService(config: ServiceConfig, logger: ServiceLogger): Promise<StartedService> {
  const description = 'Which channel belongs to which group, found by their conversations.';
  const service = await openService({
    name: 'reference-service',
    description,
    database: 'channel_groups',
    config,
    logger,
  });
  const store = await service.openStore('ChannelGroupEvents');
  const collection = service.db.collection<StoredDocument>('References');
  await collection.createIndex({ state: 1, _id: 1 }, { name: 'state_id' });
  const model = readModel(referenceProjection, mongoDocuments(collection));
  const projector = createProjector({ models: [model], held: service.held, clock: systemClock, log: logger });
  const pairs = { correlation: channelGroupReference, store, collection: 'Conversations' };
  const correlations = [
    await startCorrelation(service, pairs),
    await startCorrelation(service, { correlation: memberOfBoth, store, collection: 'MemberConversations' }),
  ];
  const feed = await followTopics(service, {
    name: 'reference-service',
    topics: ['group-events', 'channel-events', 'channel-group-events'],
    async handle(items) {
      const events = items.flatMap((item) => ('event' in item ? [item.event] : []));
      await Promise.all(correlations.map(({ apply }) => apply(events)));
      await projector.apply(items);
    },
  });
  const app = await service.createApp(feed);
  addCorrelationRoutes(app, service, pairs);
  app.get(
    '/channel-group-references',
    {
      config: { policy: 'read' },
      schema: {
        ...{ tags: ['references'], summary: 'List which channel belongs to which group' },
        ...{ querystring: pageQuery, response: { 200: pageSchema(referenceBody) } },
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
      await Promise.all(correlations.map((one) => one.close()));
      await service.client.close();
    },
  };
}
