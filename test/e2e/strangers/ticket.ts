// A ticket: its events, what they make of it, and what may be decided. The service that owns tickets shares the events with others.
import {
  type Decider,
  decoderOf,
  defineContracts,
  Failure,
  type LatestEvent,
  type Projection,
  type View,
} from 'foldline';
import { z } from 'zod';

export const ticketContracts = defineContracts({
  ticketOpened_v1: { schema: z.object({ title: z.string() }) },
  ticketClosed_v1: { schema: z.object({}) },
});
export type TicketEvent = LatestEvent<typeof ticketContracts>;

export interface Ticket extends View {
  readonly state: 'absent' | 'open' | 'closed';
  readonly data: { readonly title: string };
}

/** What others may read of a published ticket. */
export const ticketSnapshot = {
  type: 'ticketSnapshot_v1',
  schema: z.object({ state: z.enum(['open', 'closed']), data: z.object({ title: z.string() }) }),
};

export const tickets: Projection<Ticket, TicketEvent> = {
  name: 'tickets',
  kind: 'ticket',
  foldVersion: 1,
  decode: decoderOf(ticketContracts),
  initialState: { state: 'absent', data: { title: '' } },
  evolve(ticket, event) {
    switch (event.type) {
      case 'ticketOpened_v1':
        return { state: 'open', data: event.data };
      case 'ticketClosed_v1':
        return { ...ticket, state: 'closed' };
    }
  },
};

type TicketCommand = { readonly kind: 'open'; readonly title: string } | { readonly kind: 'close' };

export const ticketDecider: Decider<Ticket, TicketCommand, TicketEvent> = {
  kind: 'ticket',
  source: '/ticket-service',
  decide(command, { state }) {
    if (command.kind === 'open') {
      if (state !== 'absent') throw new Failure('id-taken', 'A ticket has this id; leave id out to get a new one.');
      return [{ type: 'ticketOpened_v1', data: { title: command.title } }];
    }
    if (state === 'absent') throw new Failure('not-found', 'There is no ticket with this id.');
    return state === 'closed' ? [] : [{ type: 'ticketClosed_v1', data: {} }];
  },
};
