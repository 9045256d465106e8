// The third service, declared: it joins two streams that do not know each other by the conversation that they have in common.

import { defineService, idParams, type OpenModel, type ReadModelDocument, readQuery } from 'foldline';
import { Failure, idOf } from 'foldline/engine';
import { type HttpApp, pageQuery, pageSchema, readPage, sendPage } from 'foldline/fastify';
import { pageOfDocuments } from 'foldline/mongodb';
import { z } from 'zod';
import { referenceSettings } from '../../config.ts';
import { channelGroupReference, memberOfBoth } from './correlations.ts';
import { type Reference, referenceProjection } from './reference.ts';

export const referenceService = defineService({
  name: 'reference-service',
  description: 'Which channel belongs to which group, found by their conversations.',
  projection: 'references',
  settings: { table: referenceSettings, port: 'PORT', database: 'CHANNEL_GROUPS_DATABASE' },
  stores: {
    own: {
      collection: 'ChannelGroupEvents',
      topic: 'channel-group-events',
      kinds: ['channel-group-reference', 'group-channel-member'],
    },
  },
  models: {
    references: {
      projection: referenceProjection,
      from: { store: 'own' },
      indexes: [{ key: { state: 1, _id: 1 }, name: 'state_id' }],
    },
  },
  hears: ['group-events', 'channel-events'],
  correlations: {
    Conversations: {
      store: 'own',
      open: ({ config }) => channelGroupReference(config.CONVERSATION_TIME_LIMIT_MS),
    },
    MemberConversations: {
      store: 'own',
      open: ({ config }) => memberOfBoth(config.CONVERSATION_TIME_LIMIT_MS),
    },
  },
  routes({ app, read }, { models }) {
    addReferenceRoutes(app, read, models.references);
  },
});

const fields = { id: z.string(), version: z.int(), groupId: z.string(), channelId: z.string() };
const body = z.strictObject(fields);
const bodyWithState = z.strictObject({ ...fields, state: z.enum(['available', 'removed']) });

function addReferenceRoutes(app: HttpApp, read: ReadModelDocument, references: OpenModel<Reference>): void {
  app.get(
    '/channel-group-references',
    {
      config: { policy: 'read' },
      schema: {
        tags: ['references'],
        summary: 'List which channel belongs to which group',
        querystring: pageQuery,
        response: { 200: pageSchema(body) },
      },
    },
    async (request, reply) => {
      const page = readPage(request, 'string');
      const { documents, next } = await pageOfDocuments(references.collection, { state: 'available' }, page);
      const items = documents.map(({ _id, version, data }) => ({
        id: idOf(_id),
        version,
        ...(data as Reference['data']),
      }));
      return sendPage(reply, request, items, next);
    },
  );

  app.get(
    '/channel-group-references/:id',
    {
      config: { policy: 'read', problems: ['not-found', 'version-not-yet'] },
      schema: {
        tags: ['references'],
        summary: 'Read the reference of a conversation, also one that was removed',
        params: idParams,
        querystring: readQuery,
        response: { 200: bodyWithState },
      },
    },
    async (request, reply) => {
      const { document, view } = await read(references, request, reply);
      const { state, data } = view;
      if (state === 'none') throw new Failure('not-found', 'This service has no event of the reference yet.');
      return { id: idOf(document._id), state, version: document.version, ...data };
    },
  );
}
