// An app as a service would compose it, for this folder's tests: in memory, silent, with one route of each kind.
import { z } from 'zod';
import { createHttpApp, type HttpAppOptions } from './app.ts';
import { pageFields, pageSchema, readPage, sendPage } from './cursor.ts';
import { emailField, idParams, instantField, lowerCaseUuid, nameField, noContent, versionQuery } from './fields.ts';
import type { HttpApp } from './http-app.ts';
import { createLogger } from './logging.ts';
import { createMetrics } from './metrics.ts';
import { applyPreferWait, type CommandContext, commandContext, setVersionHeaders } from './request-headers.ts';
import { parseApiTokens } from './tokens.ts';

export interface TestAppOptions extends Partial<Omit<HttpAppOptions, 'tokens'>> {
  tokens?: string;
}

export interface TestApp {
  app: HttpApp;
  /** Of every command that reached its handler, in order. */
  commands: CommandContext[];
  /** Log lines, as text. */
  lines: string[];
}

export const sampleId = '018f0000-0000-7000-8000-000000000001';

const thingSchema = z.strictObject({ id: z.string(), firstName: z.string(), createdAt: instantField });

export async function createTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const lines: string[] = [];
  const commands: CommandContext[] = [];
  const { tokens, ...rest } = options;
  const app = await createHttpApp({
    title: 'Things',
    version: '1.0.0',
    description: 'Things for tests',
    tokens: parseApiTokens(tokens),
    logger: createLogger({ name: 'test', level: 'debug' }, { write: (line) => lines.push(line) }),
    metrics: createMetrics(),
    readiness: async () => ({ ready: true, checks: [{ name: 'store', ready: true, data: { lagMs: 3 } }] }),
    rateLimit: false,
    ...rest,
  });
  addThings(app, commands);
  return { app, commands, lines };
}

export function addThings(app: HttpApp, commands: CommandContext[]): void {
  const thing = (id: string, firstName: string) => ({ id, firstName, createdAt: new Date(0) });

  app.post(
    '/things',
    {
      config: { policy: 'write', problems: ['email-taken', 'id-taken', 'version-conflict'] },
      schema: {
        body: z.strictObject({ firstName: nameField, email: emailField, id: lowerCaseUuid.optional() }),
        response: { 201: thingSchema },
      },
    },
    async (request, reply) => {
      commands.push(commandContext(request));
      const { firstName, id = sampleId } = request.body;
      setVersionHeaders(reply, { version: 1, location: `/things/${id}` });
      return reply.code(201).send(thing(id, firstName));
    },
  );

  app.get(
    '/things/:id',
    {
      config: { policy: 'read', problems: ['not-found', 'version-not-yet'] },
      schema: {
        params: idParams,
        querystring: z.strictObject({ minVersion: versionQuery.optional() }),
        response: { 200: thingSchema },
      },
    },
    async (request, reply) => {
      const waitMs = applyPreferWait(request, reply);
      return thing(request.params.id, `${request.query.minVersion ?? 'none'} ${waitMs}`);
    },
  );

  app.get(
    '/things',
    {
      config: { policy: 'read' },
      schema: { querystring: z.strictObject(pageFields), response: { 200: pageSchema(thingSchema) } },
    },
    async (request, reply) => {
      const { limit, after = '0' } = readPage(request, 'string');
      const first = Number(after) + 1;
      const items = Array.from({ length: Math.min(limit, 5 - Number(after)) }, (_, at) =>
        thing(`${first + at}`, 'Ada'),
      );
      const last = items.at(-1)?.id ?? after;
      return sendPage(reply, request, items, Number(last) < 5 ? last : null);
    },
  );

  app.delete(
    '/things/:id',
    { config: { policy: 'write' }, schema: { params: idParams, response: { 204: noContent } } },
    async (request, reply) => {
      commands.push(commandContext(request));
      return reply.code(204).send();
    },
  );

  const digests = { tags: ['things'], response: { 200: z.strictObject({}) } };
  app.get('/digests', { config: { policy: 'verification' }, schema: digests }, async () => ({}));

  app.get('/broken', { config: { policy: 'admin' }, schema: { response: { 200: thingSchema } } }, async () => {
    throw new Error('E11000 duplicate key { email: "ada@example.org" }');
  });
}
