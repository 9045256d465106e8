// shopping-service as its tests start it: in this process, without a broker, on databases of its own. Users are what a
// plain driver client writes into their collection. What it waits for is a position, never time.

import { type RunningService, startService } from 'foldline';
import { createLogger } from 'foldline/fastify';
import { type AnswerBody, type Call, callerOf } from 'foldline/testing';
import { testMongodbUri, uniqueDatabaseName } from 'foldline/testing/workspace';
import { type Collection, type Db, type Document, MongoClient } from 'mongodb';
import { readConfig, shoppingService } from '../service.ts';

// What is waited for is bounded by itself; a busy machine alone must not fail a test.
jest.setTimeout(30_000);

type Environment = Readonly<Record<string, string>>;

export interface StartedShoppingService {
  readonly call: Call;
  /** Its settings, for another process on the same databases. */
  readonly env: Environment;
  readonly app: RunningService['app'];
  /** Through a plain client, as any stranger's script. */
  readonly db: Db;
  /** The database of the users, whose owner no service of this test is. */
  readonly users: Db;
  /** Appends an event to a user: the first one creates it. @returns its version */
  userHappened(id: string, type: string, data?: object): Promise<number>;
  /** Appends an event around the API to a subject of the shop, as any stranger's script: the next version, now. */
  strangeHappened(subject: string, type: string, data?: object): Promise<number>;
  /** A user who is a customer already. */
  createUser(firstName?: string): Promise<string>;
  createCategory(fields?: object): Promise<AnswerBody>;
  createItem(fields?: object): Promise<AnswerBody>;
  /** `GET <path>` once it is at `version` or later; @throws Error when it is not within ten seconds. */
  at(path: string, version: number): Promise<AnswerBody>;
  /** The types of the stored events of one subject, in order. */
  typesOf(subject: string): Promise<string[]>;
  close(): Promise<void>;
}

export async function startTestShoppingService(overrides: Environment = {}): Promise<StartedShoppingService> {
  const [users, shopping] = [uniqueDatabaseName('users'), uniqueDatabaseName('shopping')];
  const feed = [
    `user-events=${users}.UserEvents`,
    `catalog-events=${shopping}.CatalogEvents`,
    `order-events=${shopping}.OrderEvents`,
  ];
  const env = {
    MONGODB_URI: testMongodbUri(),
    SHOPPING_DATABASE: shopping,
    FEED_COLLECTIONS: feed.join(','),
    // Nobody listens there: readiness must do without the owner of users.
    USER_SERVICE_URL: 'http://127.0.0.1:1',
    FEED_CHECKPOINT_EVERY_MS: '100',
    LOG_LEVEL: 'silent',
    VERIFICATION_EVERY_MS: '0',
    ...overrides,
  };
  const client = await new MongoClient(env.MONGODB_URI).connect();
  const userEvents: Collection<Document> = client.db(users).collection('UserEvents');
  const service = await startService(shoppingService, readConfig(env), createLogger({ name: 'test', level: 'silent' }));
  const call = callerOf(service.app);
  const db = client.db(shopping);

  async function append(events: Collection<Document>, subject: string, type: string, data: object): Promise<number> {
    const version = (await events.countDocuments({ subject })) + 1;
    const source = events === userEvents ? '/user-service' : '/shopping-service';
    const event = { specversion: '1.0', id: crypto.randomUUID(), source, type, subject, version };
    await events.insertOne({ ...event, time: new Date(), data });
    return version;
  }

  const userHappened = (id: string, type: string, data: object = {}) => append(userEvents, `user-${id}`, type, data);

  async function at(path: string, version: number): Promise<AnswerBody> {
    const { status, body } = await call(`GET ${path}?minVersion=${version}`, undefined, { prefer: 'wait=10' });
    if (status !== 200) throw new Error(`GET ${path} at ${version} answered ${status} ${body.code}`);
    return body;
  }

  async function create(path: string, body: object): Promise<AnswerBody> {
    const answer = await call(`POST ${path}`, body);
    if (answer.status !== 201) throw new Error(`POST ${path} answered ${answer.status} ${answer.body.code}`);
    return answer.body;
  }

  return {
    call,
    env,
    app: service.app,
    db,
    users: client.db(users),
    userHappened,
    strangeHappened: (subject, type, data = {}) =>
      append(db.collection(subject.startsWith('order-') ? 'OrderEvents' : 'CatalogEvents'), subject, type, data),
    async createUser(firstName = 'Ada') {
      const id = crypto.randomUUID();
      await userHappened(id, 'userCreated_v2', { firstName, lastName: 'Lovelace', email: `${id}@example.org` });
      await at(`/customers/${id}`, 1);
      return id;
    },
    createCategory: (fields = {}) => create('/categories', { title: 'Books', ...fields }),
    createItem: (fields = {}) =>
      create('/items', {
        title: 'A book',
        price: 1250,
        categoryId: crypto.randomUUID(),
        sellerId: crypto.randomUUID(),
        ...fields,
      }),
    at,
    async typesOf(subject) {
      const found = await Promise.all(
        ['CatalogEvents', 'OrderEvents'].map((name) =>
          db.collection(name).find({ subject }).sort({ version: 1 }).toArray(),
        ),
      );
      return found.flat().map(({ type }) => type);
    },
    async close() {
      await service.app.close();
      await service.close();
      await Promise.all([db.dropDatabase(), client.db(users).dropDatabase()]);
      await client.close();
    },
  };
}
