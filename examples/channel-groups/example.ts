// The example channel-groups as a stack: three services, three collections of events, three topics.
import { randomUUID } from 'node:crypto';
import { readServiceConfig } from 'foldline';
import { connectorsOf, type Example, exampleServices } from '../example.ts';
import { idFor } from './src/correlations.ts';
import { referenceService } from './src/reference-service.ts';
import { channelService, groupService } from './src/titled-service.ts';

const name = 'channel-groups';

export const channelGroups: Example = {
  name,
  says: 'a third service joins groups and channels, which do not know each other, by their conversations',
  connectors: connectorsOf(name),
  services: exampleServices(name, {
    groups: (env) => readServiceConfig(groupService, env),
    channels: (env) => readServiceConfig(channelService, env),
    references: (env) => readServiceConfig(referenceService, env),
  }),
  trials(url) {
    const [conversation, alone, group] = [randomUUID(), randomUUID(), randomUUID()];
    const post = (service: string, correlation: string, body: object) =>
      `curl -s -X POST '${url(service)}/${service}' -H 'Correlation-Id: ${correlation}' -H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`;
    return [
      {
        says: 'Ask for a channel, in a conversation',
        command: post('channels', conversation, { title: 'Announcements' }),
      },
      {
        says: 'Ask for its group, in the same conversation',
        command: post('groups', conversation, { id: group, title: 'Chess club' }),
      },
      { says: 'A channel without a group', command: post('channels', alone, { title: 'Lost and found' }) },
      {
        says: 'The reference of both; the request waits until it has arrived',
        command: `curl -s '${url('references')}/channel-group-references/${idFor(conversation)}?minVersion=1' -H 'Prefer: wait=10'`,
      },
      {
        says: 'Which channel belongs to which group',
        command: `curl -s '${url('references')}/channel-group-references'`,
      },
      {
        says: 'Conversations that wait for their second fact; each is abandoned after a minute',
        command: `curl -s '${url('references')}/correlations?state=waiting'`,
      },
      {
        says: 'The story of the first conversation',
        command: `curl -s '${url('references')}/sagas/${idFor(conversation)}'`,
      },
      {
        says: 'Remove the group: the reference goes as well',
        command: `curl -s -X DELETE '${url('groups')}/groups/${group}'; curl -s '${url('references')}/channel-group-references/${idFor(conversation)}?minVersion=2' -H 'Prefer: wait=10'`,
      },
    ];
  },
};
