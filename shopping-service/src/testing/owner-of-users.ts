// user-service as far as the shop asks it: events of one user, digests of all, and the newest event; over a database that a test
// fills. The routes of digests are the real ones.
import { userForm } from '@foldline/contracts';
import { addBucketRoute } from 'foldline';
import { readModel, type StoredEvent } from 'foldline/engine';
import { createHttpApp, createLogger, createMetrics, listen, parseApiTokens } from 'foldline/fastify';
import { findEvents, foldedEvents, newestIn } from 'foldline/mongodb';
import type { Collection, Db, Document } from 'mongodb';
import { z } from 'zod';
import { customerProjection } from '../customers/customer.ts';

export interface OwnerOfUsers {
  readonly url: string;
  /** Sets the database of the users that it owns; before this call it owns nothing. */
  serve(users: Db): void;
  close(): Promise<void>;
}

const page = z.strictObject({ items: z.array(z.looseObject({})), nextCursor: z.null() });

export async function startOwnerOfUsers(): Promise<OwnerOfUsers> {
  let events: Collection<StoredEvent> | undefined;
  const owned = () => {
    if (!events) throw new Error('it owns nothing yet');
    return events;
  };
  const app = await createHttpApp({
    title: 'owner',
    version: '0.0.0',
    description: 'of users',
    rateLimit: false,
    tokens: parseApiTokens(''),
    logger: createLogger({ name: 'owner', level: 'silent' }),
    metrics: createMetrics(),
    readiness: async () => ({ ready: true, checks: [] }),
  });
  const form = userForm({ notYetAvailable: 'absent', available: 'active', removed: 'deleted' });
  const { projection } = readModel(customerProjection, { read: async () => new Map(), write: async () => {} });
  const folded = () => foldedEvents(owned(), projection, form);
  addBucketRoute(
    app,
    'users',
    {
      digests: { digests: (...given) => folded().digests(...given) },
      entries: { entries: (...given) => folded().entries(...given) },
    },
    '/origin/user/digests',
  );
  app.get(
    '/origin/user/newest',
    { config: { policy: 'read' }, schema: { response: { 200: z.looseObject({}) } } },
    async () => {
      const newest = (await newestIn(owned())) ?? null;
      return { newest, newestUnheld: newest, complete: true, held: [], moreHeld: false };
    },
  );
  app.get(
    '/origin/user/events',
    {
      config: { policy: 'read' },
      schema: {
        querystring: z.object({ subject: z.string(), afterVersion: z.coerce.number(), limit: z.string() }),
        response: { 200: page },
      },
    },
    async ({ query: { subject, afterVersion } }) => {
      const later = { subject, version: { $gt: afterVersion } };
      const items: Document[] = await findEvents(owned(), later, { projection: { _id: 0 } })
        .sort({ version: 1 })
        .toArray();
      return { items, nextCursor: null };
    },
  );
  const server = await listen(app, { host: '127.0.0.1', port: 0 });
  return {
    url: server.url,
    serve(users) {
      events = users.collection('UserEvents');
    },
    close: () => server.close(),
  };
}
