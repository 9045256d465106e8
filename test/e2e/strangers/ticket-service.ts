// The service that owns tickets. Two connectors publish its events and its snapshots.
import {
  addChangeRoute,
  addCreateRoute,
  addCurrentReadRoute,
  baseSettings,
  defineService,
  idOf,
  type ProjectedDocument,
  portSetting,
  runService,
} from 'foldline';
import { z } from 'zod';
import { type Ticket, ticketDecider, tickets } from './ticket.ts';

const body = z.strictObject({ id: z.string(), version: z.int(), state: z.string(), title: z.string() });

function present({ _id, version, state, data }: ProjectedDocument) {
  return { id: idOf(_id), version, state, title: (data as Ticket['data']).title };
}

const settings = {
  ...baseSettings,
  TICKETS_PORT: portSetting(4001, 'the port to listen on'),
  TICKETS_DATABASE: z.string().default('tickets').describe('the database of the events and the snapshots'),
};

const ticketService = defineService({
  name: 'ticket-service',
  description: 'Tickets that are opened and closed.',
  projection: 'tickets',
  settings: { table: settings, port: 'TICKETS_PORT', database: 'TICKETS_DATABASE' },
  stores: { tickets: { collection: 'TicketEvents', topic: 'ticket-events', kinds: ['ticket'] } },
  models: { tickets: { projection: tickets, from: { store: 'tickets' }, published: 'Tickets' } },
  routes({ app }, { commands }) {
    const resource = { plural: 'tickets', commands: commands.tickets, decider: ticketDecider, body, present };
    addCreateRoute(app, resource, {
      summary: 'Open a ticket',
      fields: z.object({ title: z.string().min(1).max(200) }),
      command: ({ title }) => ({ kind: 'open', title }) as const,
    });
    addChangeRoute(app, resource, {
      summary: 'Close a ticket',
      part: 'close',
      fields: z.object({}),
      command: () => ({ kind: 'close' }) as const,
    });
    addCurrentReadRoute(app, resource);
  },
});

runService(ticketService);
