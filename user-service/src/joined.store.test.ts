// Goal: a whole service inside of an app of others answers as it does alone, also on a client that its owner made for other work.
// Method: the story of the API's examples is played under a prefix.

import { type FastifyInstance, fastify } from 'fastify';
import { type JoinedService, joinService } from 'foldline';
import { createLogger } from 'foldline/fastify';
import { faultsOf, playExamples, testMongodbUri, uniqueDatabaseName } from 'foldline/testing/workspace';
import { MongoClient } from 'mongodb';
import { apiExamples } from './examples.ts';
import { userService } from './service.ts';
import { insertAsStranger } from './testing/strangers-events.ts';

jest.setTimeout(60_000);

const database = uniqueDatabaseName('users');
const rights = new Set(['read', 'write', 'verification', 'admin'] as const);
let client: MongoClient;
let joined: JoinedService;
let app: FastifyInstance;
/** As the players of examples know an app: the instance inside of the prefix. */
let inside: Parameters<typeof playExamples>[0];

beforeAll(async () => {
  client = new MongoClient(testMongodbUri(), {
    writeConcern: { w: 1, journal: false },
    readConcern: { level: 'local' },
    readPreference: 'secondaryPreferred',
    promoteLongs: false,
    useBigInt64: false,
    bsonRegExp: true,
    serializeFunctions: true,
    ignoreUndefined: false,
  });
  joined = await joinService(userService, {
    settings: { USERS_DATABASE: database, FEED_CHECKPOINT_EVERY_MS: '100', VERIFICATION_EVERY_MS: '0' },
    client,
    logger: createLogger({ name: 'joined', level: 'silent' }),
    authorize: () => ({ name: 'local', rights }),
  });
  app = fastify({ routerOptions: { maxParamLength: 2400 } });
  await app.register(
    async (instance) => {
      await joined.plugin(instance, {});
      inside = Object.assign(Object.create(instance), {
        ready: () => app.ready(),
        inject: (request: { url: string }) => app.inject({ ...request, url: `/people${request.url}` }),
      });
    },
    { prefix: '/people' },
  );
  await insertAsStranger(client.db(database).collection('UserEvents'), '0190f3c2-0000-7000-8000-0000000000ee', {
    type: 'userCreated_v9',
    data: {},
  });
  const place = { projection: '', reason: 'unreadable', detail: 'no JSON object', appliedVersion: 0, seenVersion: 0 };
  const held = client.db(database).collection<{ _id: string }>('Held');
  await held.insertOne({ _id: 'user-events/0@17', ...place, since: new Date(), attempts: 1 } as { _id: string });
});
afterAll(async () => {
  await app.close();
  await client.db(database).dropDatabase();
  await client.close();
});

test('every example is what the service answers under the prefix', async () => {
  expect(faultsOf(await playExamples(inside, apiExamples))).toEqual([]);
});
