// The third service of docs/add-a-consumer.md, which quotes it: who can be reached by mail, and where.
// #region service
import { type UserEvent, userContracts } from '@foldline/contracts';
import * as kit from 'foldline';
import { readSettings, tokenSetting } from 'foldline';
import { decoderOf } from 'foldline/contracts';
import { type ProjectedDocument, type Projection, readModel, subjectOf, type View } from 'foldline/engine';
import { idParams } from 'foldline/fastify';
import { mongoDocuments } from 'foldline/mongodb';
import { z } from 'zod';

interface Recipient extends View {
  readonly state: 'unknown' | 'reachable' | 'gone';
  readonly data: { readonly email: string };
}

const recipients: Projection<Recipient, UserEvent> = {
  name: 'recipients',
  kind: 'user',
  foldVersion: 1,
  decode: decoderOf(userContracts),
  initialState: { state: 'unknown', data: { email: '' } },
  evolve(recipient, event) {
    if (event.type === 'userDeleted_v1') return { ...recipient, state: 'gone' };
    const email = 'email' in event.data ? event.data.email : undefined;
    return email === undefined ? recipient : { ...recipient, state: 'reachable', data: { email } };
  },
};

const body = z.strictObject({ id: z.string(), state: z.string(), version: z.int(), email: z.string() });

const settings = {
  ...kit.serviceSettings,
  PORT: z.coerce.number().default(3003).describe('the port to listen on'),
  USER_SERVICE_URL: z.url().default('http://127.0.0.1:3001').describe('where the owner of users is asked'),
  USER_SERVICE_TOKEN: tokenSetting('the token for user-service'),
};
const readConfig = () => readSettings(settings, process.env);

const start: kit.StartService<ReturnType<typeof readConfig>> = async (config, logger) => {
  const [name, description] = ['mailing-service', 'Who can be reached by mail, and where.'];
  const collections = { documents: { recipients: [] } };
  const service = await kit.openService({ name, description, database: 'mailing', collections, config, logger });
  const model = readModel(recipients, mongoDocuments(service.collection('recipients')));
  const { USER_SERVICE_URL: url, USER_SERVICE_TOKEN: token } = config;
  const user = { service: 'user-service', plural: 'users', kind: 'user', settings: 'USER_SERVICE' };
  const asking = { ...user, url, token, timeoutMs: 2000, requestsAtOnceMax: 4, pagesMax: 10 };
  const owner = kit.ownerEvents(asking);
  const running = await kit.followModels(service, { name, topics: ['user-events'], models: [model], owner });
  const app = await service.createApp(running);
  const ports = { documents: model.documents, waiters: service.waiters, stopping: app.stopping };
  const schema = { params: idParams, querystring: kit.readQuery, response: { 200: body } };
  app.get('/recipients/:id', { config: { policy: 'read' }, schema }, async (request, reply) => {
    const subject = subjectOf('user', request.params.id);
    const { state, version, data } = (await kit.readDocument(ports, subject, request, reply)) as ProjectedDocument;
    return { id: request.params.id, state, version, ...(data as Recipient['data']) };
  });
  return { app, close: () => running.close().then(() => service.client.close()) };
};

kit.runComposed({ 'mailing-service': start }, readConfig);
// #endregion
