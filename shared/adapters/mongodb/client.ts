// The MongoDB client with the durability that the promises rest on: majority and journalled, whatever the URI says.

import { MongoClient, type MongoClientOptions } from 'mongodb';
import { reasonOf } from '../../engine/index.ts';

export interface ClientSettings {
  readonly uri: string;
  /** Shown in the server's log and in `currentOp`, so that an operator can tell the services apart. */
  readonly appName: string;
  readonly serverSelectionTimeoutMs: number;
  readonly poolSizeMax: number;
  /** A call fails when its connection receives nothing for this time, for example because the server's machine was stopped. */
  readonly socketTimeoutMs: number;
}

const durability: MongoClientOptions = {
  writeConcern: { w: 'majority', journal: true },
  // Each setting stands here nested and flat, because a flat option of the URI would win over a nested one here.
  journal: true,
  readConcern: { level: 'majority' },
  readConcernLevel: 'majority',
  readPreference: 'primary',
  retryWrites: true,
  ignoreUndefined: true,
};

/** @throws Error in one sentence when no primary answers within `serverSelectionTimeoutMs`. */
export async function connectToMongo(
  settings: ClientSettings,
  overrides: MongoClientOptions = {},
): Promise<MongoClient> {
  const client = new MongoClient(settings.uri, {
    ...durability,
    appName: settings.appName,
    serverSelectionTimeoutMS: settings.serverSelectionTimeoutMs,
    maxPoolSize: settings.poolSizeMax,
    socketTimeoutMS: settings.socketTimeoutMs,
    waitQueueTimeoutMS: settings.serverSelectionTimeoutMs,
    ...overrides,
  });
  try {
    return await client.connect();
  } catch (cause) {
    await client.close();
    const reason = reasonOf(cause);
    throw new Error(
      `No MongoDB answered as MONGODB_URI says, within ${settings.serverSelectionTimeoutMs} ms (${reason}): start it, or correct MONGODB_URI.`,
      { cause },
    );
  }
}
