// A database of its own for each test file, on the mongod of the Jest project, gone when the file is done.
import { randomUUID } from 'node:crypto';
import type { Db, MongoClient, MongoClientOptions } from 'mongodb';
import { testMongodbUri } from './config.ts';

export interface TestDatabase {
  readonly client: MongoClient;
  readonly db: Db;
  /** The client's name on the server: failpoints are aimed at it, so that test files do not hit each other. */
  readonly appName: string;
  /** Another client of the same durability and another name, closed with the database. */
  connect(overrides?: MongoClientOptions, uri?: string): Promise<MongoClient>;
  close(): Promise<void>;
}

export function uniqueDatabaseName(prefix = 'test'): string {
  return `${prefix}-${randomUUID().slice(0, 13)}`;
}

export async function openTestDatabase(overrides: MongoClientOptions = {}): Promise<TestDatabase> {
  // Loaded here, so that a test without a database does not pay for the driver.
  const { connectToMongo } = await import('../../adapters/mongodb/client.ts');
  const name = uniqueDatabaseName();
  const settings = {
    uri: testMongodbUri(),
    appName: name,
    serverSelectionTimeoutMs: 5000,
    socketTimeoutMs: 30_000,
    poolSizeMax: 50,
  };
  const client = await connectToMongo(settings, overrides);
  const others: MongoClient[] = [];
  return {
    client,
    db: client.db(name),
    appName: name,
    async connect(more = {}, uri = settings.uri) {
      const other = await connectToMongo({ ...settings, uri, appName: `${name}-${others.length + 1}` }, more);
      others.push(other);
      return other;
    },
    async close() {
      await client.db(name).dropDatabase();
      await Promise.all([client, ...others].map((one) => one.close()));
    },
  };
}
