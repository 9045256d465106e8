// The application of docs/join-an-application.md, which quotes it: an app of a team, with what the team has already.

import { fastify } from 'fastify';
import { joinService } from 'foldline';
// #region application
import type { MongoClient } from 'mongodb';
import { Registry } from 'prom-client';
import { notesService } from './notes-service.ts';

export async function startApplication(client: MongoClient, database: string) {
  const registry = new Registry();
  const app = fastify();
  app.get('/', async () => ({ hello: 'from the team' }));
  app.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()));

  const notes = await joinService(notesService, {
    settings: { NOTES_DATABASE: database },
    client,
    registry,
    logger: app.log,
    authorize: ({ headers }) =>
      headers['x-team-user'] === 'ada' ? { name: 'ada', rights: new Set(['read', 'write']) } : null,
  });
  await app.register(notes.plugin, { prefix: '/notes-api' });
  return app;
}
// #endregion
