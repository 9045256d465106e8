// user-service as its tests start it: in this process, on a database of its own, with a plain driver client beside it
// that plays the stranger. What it waits for is a position, never time.

import { type RunningService, startService } from 'foldline';
import { createLogger } from 'foldline/fastify';
import { type AnswerBody, type Call, callerOf } from 'foldline/testing';
import { testMongodbUri, uniqueDatabaseName } from 'foldline/testing/workspace';
import { type Collection, type Db, type Document, MongoClient } from 'mongodb';
import { readConfig, userService } from '../service.ts';

// What is waited for is bounded by itself; a busy machine alone must not fail a test.
jest.setTimeout(30_000);

type Environment = Readonly<Record<string, string>>;

export interface StartedUserService {
  readonly call: Call;
  /** As it runs now; a restart makes another. */
  readonly app: () => RunningService['app'];
  /** The text of a page that is not JSON. */
  text(url: string): Promise<string>;
  /** Through a plain client, as any stranger's script. */
  readonly db: Db;
  readonly events: Collection<Document>;
  readonly snapshots: Collection<Document & { _id: string }>;
  readonly env: Environment;
  /** A user with a new address, unless `fields` say otherwise. */
  createUser(fields?: object): Promise<AnswerBody>;
  /** Resolves once the snapshot is at `version` or later; @throws Error when it is not within ten seconds. */
  snapshotAt(id: string, version: number): Promise<AnswerBody>;
  /** Stops the service and runs `between` before it starts again on the same database, with other settings if given. */
  restart(between?: () => Promise<unknown>, overrides?: Environment): Promise<void>;
  close(): Promise<void>;
}

export async function startTestUserService(overrides: Environment = {}): Promise<StartedUserService> {
  const database = uniqueDatabaseName('users');
  const env = {
    MONGODB_URI: testMongodbUri(),
    USERS_DATABASE: database,
    LOG_LEVEL: 'silent',
    VERIFICATION_EVERY_MS: '0',
    FEED_CHECKPOINT_EVERY_MS: '100',
    ...overrides,
  };
  const client = await new MongoClient(env.MONGODB_URI, { ignoreUndefined: true }).connect();
  const db = client.db(database);
  let service = await start(env);
  const call: Call = (...given) => callerOf(service.app)(...given);
  const stop = async () => {
    await service.app.close();
    await service.close();
  };
  return {
    call,
    app: () => service.app,
    text: async (url) => (await service.app.inject({ url })).body,
    db,
    env,
    events: db.collection<Document>('UserEvents'),
    snapshots: db.collection<Document & { _id: string }>('Users'),
    async createUser(fields = {}) {
      const answer = await call('POST /users', {
        firstName: 'Ada',
        lastName: 'Lovelace',
        email: newEmail(),
        ...fields,
      });
      if (answer.status !== 201) throw new Error(`POST /users answered ${answer.status} ${answer.body.code}`);
      return answer.body;
    },
    async snapshotAt(id, version) {
      const route = `GET /users/${id}?replay=false&minVersion=${version}`;
      const { status, body } = await call(route, undefined, { prefer: 'wait=10' });
      if (status !== 200 && status !== 410) throw new Error(`${route} answered ${status} ${body.code}`);
      return body;
    },
    async restart(between = async () => {}, others = {}) {
      await stop();
      await between();
      service = await start({ ...env, ...others });
    },
    async close() {
      await stop();
      await db.dropDatabase();
      await client.close();
    },
  };
}

function start(env: Environment): Promise<RunningService> {
  return startService(userService, readConfig(env), createLogger({ name: 'test', level: 'silent' }));
}

let emails = 0;

/** An address that no other user of this test file has. */
export function newEmail(): string {
  emails += 1;
  return `user-${emails}@example.org`;
}
