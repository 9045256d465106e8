// The third service of docs/add-a-consumer.md, which quotes it: who can be reached by mail, and where.
// #region service
import { type UserEvent, userContracts } from '@foldline/contracts';
import * as kit from 'foldline';
import { z } from 'zod';

interface Recipient extends kit.View {
  readonly state: 'unknown' | 'reachable' | 'gone';
  readonly data: { readonly email: string };
}

const recipients: kit.Projection<Recipient, UserEvent> = {
  name: 'recipients',
  kind: 'user',
  foldVersion: 1,
  decode: kit.decoderOf(userContracts),
  initialState: { state: 'unknown', data: { email: '' } },
  evolve(recipient, event) {
    if (event.type === 'userDeleted_v1') return { ...recipient, state: 'gone' };
    const email = 'email' in event.data ? event.data.email : undefined;
    return email === undefined ? recipient : { ...recipient, state: 'reachable', data: { email } };
  },
};

const table = {
  ...kit.baseSettings,
  ...kit.followingSettings,
  ...kit.ownerSettings('USER_SERVICE', 'user-service', 'http://127.0.0.1:3001'),
  PORT: kit.portSetting(3003, 'the port to listen on'),
  DATABASE: z.string().default('mailing').describe('the database of the read model'),
};

const from = { service: 'user-service', settings: 'USER_SERVICE', topic: 'user-events', kind: 'user', plural: 'users' };
const body = z.strictObject({ id: z.string(), state: z.string(), version: z.int(), email: z.string() });

export const mailingService = kit.defineService({
  name: 'mailing-service',
  description: 'Who can be reached by mail, and where.',
  projection: 'mailing',
  settings: { table, port: 'PORT', database: 'DATABASE' },
  stores: {},
  models: { recipients: { projection: recipients, from } },
  routes({ app, read }, { models }) {
    const schema = { params: kit.idParams, querystring: kit.readQuery, response: { 200: body } };
    app.get('/recipients/:id', { config: { policy: 'read' }, schema }, async (request, reply) => {
      const { document, view } = await read(models.recipients, request, reply);
      return { id: request.params.id, state: view.state, version: document.version, email: view.data.email };
    });
  },
});
// #endregion
