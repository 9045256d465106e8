// The service of groups, and the service of channels, declared: one each, with its own database, events and topic.

import { addChangeRoute, addCreateRoute, addCurrentReadRoute, addRemoveRoute, defineService } from 'foldline';
import { idOf, type ProjectedDocument } from 'foldline/engine';
import { lowerCaseUuid, titleField } from 'foldline/fastify';
import { z } from 'zod';
import { titledSettings } from '../../config.ts';
import { type Kind, type Titled, titledDecider, titledProjection } from './titled.ts';

const body = z.strictObject({
  id: z.string(),
  state: z.enum(['available', 'removed', 'none']),
  version: z.int(),
  title: z.string(),
  joined: z.int(),
});
const titled = z.object({ title: titleField });

const placeOf = {
  group: { collection: 'GroupEvents', database: 'GROUPS_DATABASE' },
  channel: { collection: 'ChannelEvents', database: 'CHANNELS_DATABASE' },
} as const;

function titledService(kind: Kind) {
  const plural = `${kind}s`;
  const { collection, database } = placeOf[kind];
  return defineService({
    name: `${kind}-service`,
    description: `The ${plural} of the example channel-groups.`,
    projection: plural,
    settings: { table: titledSettings, port: 'PORT', database },
    stores: { facts: { collection, topic: `${kind}-events`, kinds: [kind] } },
    models: { titled: { projection: titledProjection(kind), from: { store: 'facts' } } },
    routes({ app }, { commands }) {
      const resource = { plural, commands: commands.titled, decider: titledDecider(kind), body, present };
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
    },
  });
}

export const groupService = titledService('group');
export const channelService = titledService('channel');

function present({ _id, state, version, data }: ProjectedDocument): z.output<typeof body> {
  return { id: idOf(_id), state: state as Titled['state'], version, ...(data as Titled['data']) };
}
