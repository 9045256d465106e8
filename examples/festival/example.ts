// The example festival as a stack: the service, its processor, one collection of facts, one topic.
import { randomUUID } from 'node:crypto';
import { readServiceConfig } from 'foldline';
import { connectorsOf, type Example, exampleServices } from '../example.ts';
import { festivalProcessor, festivalService } from './src/service.ts';

const name = 'festival';

export const festival: Example = {
  name,
  says: 'events with teams; a saga removes the teams of a deleted event',
  connectors: connectorsOf(name),
  services: exampleServices(name, {
    service: (env) => readServiceConfig(festivalService, env),
    processor: (env) => readServiceConfig(festivalProcessor, env),
  }),
  trials(url) {
    const [event, team, service] = [randomUUID(), randomUUID(), url('service')];
    const post = (path: string, body: object) =>
      `curl -s -X POST '${service}${path}' -H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`;
    return [
      { says: 'Create an event', command: post('/events', { id: event, title: 'Summer cup' }) },
      { says: 'and a team in it', command: post('/teams', { id: team, name: 'The Foxes', eventId: event }) },
      {
        says: 'Read the event with its teams; the request waits until the event has arrived',
        command: `curl -s '${service}/events/${event}?minVersion=1' -H 'Prefer: wait=10'`,
      },
      { says: 'Delete the event', command: `curl -s -X DELETE '${service}/events/${event}'` },
      {
        says: 'The story of the removal, after its end',
        command: `until curl -s '${service}/sagas/${event}' | grep -q '"completed"'; do sleep 1; done; curl -s '${service}/sagas/${event}'`,
      },
      { says: 'The team is gone as well', command: `curl -s '${service}/teams/${team}'` },
    ];
  },
};
