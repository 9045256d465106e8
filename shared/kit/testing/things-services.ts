// Declared services for tests: the owner of things, and a service that copies the things. The owner keeps groups of things in the same
// store, under a kind whose name goes on after that of things.
import type { Collection, Document } from 'mongodb';
import { z } from 'zod';
import { connectToMongo, openServiceCollections } from '../../adapters/mongodb/index.ts';
import { clientSettings, portSetting } from '../../config/index.ts';
import { decoderOf, defineContracts, type LatestEvent } from '../../contracts/index.ts';
import type { Projection, View } from '../../engine/index.ts';
import { createLogger, createMetrics, type HttpServer, listen } from '../../http/index.ts';
import type { SharedForm } from '../../operations/index.ts';
import { testMongodbUri } from '../../testing/workspace/index.ts';
import { collectionsOf } from '../collections.ts';
import type { Models, RemoteOrigin, Stores } from '../declaration.ts';
import { defineService } from '../definition.ts';
import type { OpenModels } from '../models.ts';
import { type Origins, openOrigins } from '../origins/index.ts';
import { ownerSettings } from '../origins/owner-settings.ts';
import { openParts, type Parts } from '../parts.ts';
import { openGenerations } from '../rebuild.ts';
import { readServiceConfig } from '../run.ts';
import { baseSettings, followingSettings } from '../settings.ts';
import { type RunningService, startService } from '../start-service.ts';

const contracts = defineContracts({
  thingNamed_v1: { schema: z.object({ name: z.string() }) },
  thingRemoved_v1: { schema: z.object({}) },
});

interface Thing extends View {
  readonly state: 'unknown' | 'available' | 'removed';
  readonly data: { readonly name: string };
}

const thingProjection: Projection<Thing, LatestEvent<typeof contracts>> = {
  name: 'things',
  kind: 'thing',
  foldVersion: 1,
  decode: decoderOf(contracts),
  initialState: { state: 'unknown', data: { name: '' } },
  evolve: (thing, event) =>
    event.type === 'thingNamed_v1' ? { state: 'available', data: event.data } : { ...thing, state: 'removed' },
};

const groupProjection = { ...thingProjection, name: 'groups', kind: 'thing-group' };

/** What both sides know of a thing. */
export const thingForm: SharedForm = ({ _id: subject, version, state, data, eventsDigest }) => ({
  subject,
  version,
  state,
  name: (data as { readonly name?: unknown }).name,
  eventsDigest,
});

const table = {
  ...baseSettings,
  PORT: portSetting(0, 'the port to listen on'),
  DATABASE: z.string().describe('the database'),
};
const settings = { port: 'PORT', database: 'DATABASE' };

export const thingsOwner = defineService({
  name: 'things-owner',
  description: 'Things, and groups of things.',
  projection: 'owned',
  settings: { ...settings, table },
  stores: {
    things: {
      collection: 'ThingEvents',
      topic: 'thing-events',
      kinds: ['thing', 'thing-group'],
      forms: { thing: thingForm },
    },
  },
  models: {
    things: { projection: thingProjection, from: { store: 'things' } },
    groups: { projection: groupProjection, from: { store: 'things' } },
  },
  routes() {},
});

/** @param form of the things; both kinds are compared event by event unless given */
export function thingsCopier(form?: SharedForm) {
  const from = (kind: string, plural: string): RemoteOrigin => ({
    service: 'things-owner',
    settings: 'OWNER',
    topic: 'thing-events',
    kind,
    plural,
  });
  const things = from('thing', 'things');
  return defineService({
    name: 'things-copier',
    description: 'Copies of things, and of groups of things.',
    projection: 'copied',
    settings: {
      ...settings,
      table: { ...table, ...followingSettings, ...ownerSettings('OWNER', 'things-owner', 'http://127.0.0.1:1') },
    },
    stores: {},
    models: {
      things: { projection: thingProjection, from: form ? { ...things, form } : things },
      groups: { projection: groupProjection, from: from('thing-group', 'groups') },
    },
    routes() {},
  });
}

type Environment = Readonly<Record<string, string>>;

const around = {
  MONGODB_URI: testMongodbUri(),
  LOG_LEVEL: 'silent',
  VERIFICATION_EVERY_MS: '0',
  FEED_CHECKPOINT_EVERY_MS: '100',
};
const logger = createLogger({ name: 'things', level: 'silent' });

export interface StartedOwner {
  readonly app: RunningService['app'];
  readonly server: HttpServer;
  close(): Promise<void>;
}

/** The owner, listening. */
export async function startThingsOwner(database: string, env: Environment = {}): Promise<StartedOwner> {
  const config = readServiceConfig(thingsOwner, { ...around, DATABASE: database, ...env });
  const service = await startService(thingsOwner, config, logger);
  const server = await listen(service.app, { host: '127.0.0.1', port: 0, onClose: () => service.close() });
  return { app: service.app, server, close: () => server.close() };
}

export interface OpenedOrigins {
  readonly parts: Parts;
  readonly models: OpenModels<'things' | 'groups'>;
  readonly origins: Origins;
  /** Closes, and drops the database. */
  close(): Promise<void>;
}

/** The origins of a service that follows nothing: what a feed would have done, a test does. */
export async function openThingsOrigins(
  definition: { readonly name: string; readonly projection: string; readonly stores: Stores; readonly models: Models },
  config: Parts['config'],
  database: string,
): Promise<OpenedOrigins> {
  const client = await connectToMongo(clientSettings(definition.name, config));
  const db = client.db(database);
  await openServiceCollections(client, db, collectionsOf(definition, db, config.STORE_EVENT_BYTES_MAX), '');
  const parts = await openParts(definition, { config, logger, client, metrics: createMetrics() }, db);
  const generations = await openGenerations(parts, definition.models);
  return {
    parts,
    models: generations.models as OpenedOrigins['models'],
    origins: openOrigins(parts, generations.models),
    async close() {
      await parts.pauseGate.close();
      await generations.close();
      await db.dropDatabase();
      await client.close();
    },
  };
}

export function openOwnOrigins(database: string): Promise<OpenedOrigins> {
  return openThingsOrigins(thingsOwner, readServiceConfig(thingsOwner, { ...around, DATABASE: database }), database);
}

export function openCopiedOrigins(database: string, env: Environment, form?: SharedForm): Promise<OpenedOrigins> {
  const copier = thingsCopier(form);
  // What is followed is another collection: this one is reached by the protocol alone.
  const feed = { FEED_COLLECTIONS: `other-events=${database}.OtherEvents` };
  return openThingsOrigins(
    copier,
    readServiceConfig(copier, { ...around, ...feed, DATABASE: database, ...env }),
    database,
  );
}

/** The events of the owner, through a client that checks nothing. */
export function thingEventsIn({ client }: Pick<Parts, 'client'>, database: string): Collection<Document> {
  return client.db(database).collection('ThingEvents');
}
