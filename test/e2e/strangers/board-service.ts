// A service that shows tickets, in documents of its own. It follows the topic of events, and begins with the snapshots.
import {
  baseSettings,
  decoderOf,
  defineService,
  documentFromSnapshot,
  followingSettings,
  idParams,
  ownerSettings,
  type Projection,
  portSetting,
  readQuery,
  runService,
  type View,
} from 'foldline';
import { z } from 'zod';
import { type TicketEvent, ticketContracts, ticketSnapshot } from './ticket.ts';

interface Card extends View {
  readonly state: 'none' | 'todo' | 'done';
  readonly data: { readonly title: string };
}

const cards: Projection<Card, TicketEvent> = {
  name: 'cards',
  kind: 'ticket',
  foldVersion: 1,
  decode: decoderOf(ticketContracts),
  initialState: { state: 'none', data: { title: '' } },
  evolve(card, event) {
    switch (event.type) {
      case 'ticketOpened_v1':
        return { state: 'todo', data: { title: event.data.title } };
      case 'ticketClosed_v1':
        return { ...card, state: 'done' };
    }
  },
};

const fromSnapshot = documentFromSnapshot(cards, ticketSnapshot, ({ state, data }) => ({
  state: state === 'closed' ? 'done' : 'todo',
  data,
}));

const settings = {
  ...baseSettings,
  ...followingSettings,
  ...ownerSettings('TICKETS', 'ticket-service', 'http://127.0.0.1:4001'),
  BOARD_PORT: portSetting(4002, 'the port to listen on'),
  BOARD_DATABASE: z.string().default('board').describe('the database of the cards'),
};

const boardService = defineService({
  name: 'board-service',
  description: 'Tickets as cards on a board.',
  projection: 'board',
  settings: { table: settings, port: 'BOARD_PORT', database: 'BOARD_DATABASE' },
  stores: {},
  models: {
    cards: {
      projection: cards,
      from: {
        service: 'ticket-service',
        settings: 'TICKETS',
        topic: 'ticket-events',
        kind: 'ticket',
        plural: 'tickets',
        snapshots: { topic: 'ticket-snapshots', asDocument: fromSnapshot },
      },
    },
  },
  routes({ app, read }, { models }) {
    const body = z.strictObject({ id: z.string(), version: z.int(), state: z.string(), title: z.string() });
    const schema = { tags: ['cards'], params: idParams, querystring: readQuery, response: { 200: body } };
    app.get('/cards/:id', { config: { policy: 'read' }, schema }, async (request, reply) => {
      const { document, view } = await read(models.cards, request, reply);
      return { id: request.params.id, version: document.version, state: view.state, title: view.data.title };
    });
  },
});

runService(boardService);
