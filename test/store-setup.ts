// Starts the mongod of the Jest project `store`: a replica set of one, with failpoints, and transactions that end soon.
import { existsSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import type * as System from '@foldline/system';
import { MongoMemoryReplSet } from 'mongodb-memory-server';

declare global {
  var storeReplicaSet: MongoMemoryReplSet | undefined;
}

// Jest resolves a global setup without its name mapping; the sources are loaded as they are, so that nothing need be built.
const { findMongod } = require('../system/mongodb/mongod-binary.ts') as Pick<typeof System, 'findMongod'>;
const { systemSettings } = require('../system/config.ts') as Pick<typeof System, 'systemSettings'>;

const parameters = [
  'enableTestCommands=1',
  'transactionLifetimeLimitSeconds=5',
  'diagnosticDataCollectionEnabled=false',
];

export default async function setUp(): Promise<void> {
  const mongod = await findMongod(systemSettings());
  const replicaSet = await MongoMemoryReplSet.create({
    binary: { systemBinary: onPath(mongod.path), version: mongod.version },
    replSet: { count: 1, storageEngine: 'wiredTiger' },
    instanceOpts: [{ args: parameters.flatMap((parameter) => ['--setParameter', parameter]) }],
  });
  globalThis.storeReplicaSet = replicaSet;
  process.env.TEST_MONGODB_URI = replicaSet.getUri();
}

/** The memory server takes absolute paths only; a mongod on the PATH is found by its bare name. */
function onPath(command: string): string {
  if (isAbsolute(command)) return command;
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, command)).find((path) => existsSync(path)) ?? command;
}
