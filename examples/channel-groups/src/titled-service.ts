// The service of groups, and the service of channels: one each, with its own database, events and topic.
import {
  addChangeRoute,
  addCreateRoute,
  addCurrentReadRoute,
  addRemoveRoute,
  openService,
  type ServiceConfig,
  type ServiceLogger,
  type StartedService,
  systemClock,
  systemIds,
} from 'foldline';
import { idOf, type ProjectedDocument } from 'foldline/engine';
import { lowerCaseUuid, titleField } from 'foldline/fastify';
import { mongoDocuments } from 'foldline/mongodb';
import { z } from 'zod';
import { type Kind, type Titled, titledDecider, titledProjection } from './titled.ts';

const body = z.strictObject({
  id: z.string(),
  state: z.enum(['available', 'removed', 'none']),
  version: z.int(),
  title: z.string(),
  joined: z.int(),
});
const titled = z.object({ title: titleField });

export async function startTitledService(
  kind: Kind,
  config: ServiceConfig,
  logger: ServiceLogger,
): Promise<StartedService> {
  const plural = `${kind}s`;
  const description = `The ${plural} of the example channel-groups.`;
  const events = kind === 'group' ? 'GroupEvents' : 'ChannelEvents';
  const collections = { events: [events], documents: { Snapshots: [] } };
  const service = await openService({
    name: `${kind}-service`,
    description,
    database: plural,
    collections,
    config,
    logger,
  });
  const commands = {
    projection: titledProjection(kind),
    clock: systemClock,
    ids: systemIds,
    store: await service.openStore(events),
    // Nobody writes snapshots here: a group has a few events, and a read folds them.
    documents: mongoDocuments(service.collection('Snapshots')),
  };
  const app = await service.createApp();
  const resource = { plural, commands, decider: titledDecider(kind), body, present };
  addCreateRoute(app, resource, {
    summary: `Create a ${kind}`,
    fields: titled,
    command: ({ title }) => ({ kind: 'create', title }) as const,
  });
  addChangeRoute(app, resource, {
    summary: `Rename a ${kind}`,
    fields: titled,
    command: ({ title }) => ({ kind: 'rename', title }) as const,
  });
  addChangeRoute(app, resource, {
    summary: `Let somebody join a ${kind}`,
    fields: z.object({ memberId: lowerCaseUuid }),
    part: 'members',
    command: ({ memberId }) => ({ kind: 'join', memberId }) as const,
  });
  addRemoveRoute(app, resource, { summary: `Remove a ${kind}`, command: { kind: 'remove' } });
  addCurrentReadRoute(app, resource);
  return { app, close: () => service.client.close() };
}

function present({ _id, state, version, data }: ProjectedDocument): z.output<typeof body> {
  return { id: idOf(_id), state: state as Titled['state'], version, ...(data as Titled['data']) };
}
