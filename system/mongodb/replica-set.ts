// Makes a mongod a replica set of one under its present address, and says when it takes writes.
// Safe to repeat: a set that is there is left alone, one that remembers another port is reconfigured by force.

import { codeOf } from 'foldline/engine';
import { MongoClient } from 'mongodb';
import { z } from 'zod';
import { SystemFailure } from '../failure.ts';

/** The name of every replica set that the system starts. */
export const REPLICA_SET = 'foldline';

const ALREADY_INITIALIZED = 23;
const COMMAND_LIMIT_MS = 5_000;

const storedConfig = z.looseObject({
  version: z.number(),
  members: z.array(z.looseObject({ _id: z.number(), host: z.string() })),
});

/** The connection string of the set on this port. */
export const replicaSetUri = (port: number): string => `mongodb://127.0.0.1:${port}/?replicaSet=${REPLICA_SET}`;

/**
 * One attempt: initiates or reconfigures where needed, then asks whether this node is the writable primary.
 *
 * @throws SystemFailure while it is not (the election takes some hundred milliseconds), and the driver's error while
 *   nothing listens yet: ask again
 */
export const ensureWritablePrimary = async (port: number): Promise<void> => {
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/`, {
    directConnection: true,
    serverSelectionTimeoutMS: 1_000,
    connectTimeoutMS: 1_000,
  });
  try {
    const hello = await client.db('admin').command({ hello: 1 }, { timeoutMS: COMMAND_LIMIT_MS });
    if (hello.isWritablePrimary === true && hello.me === `127.0.0.1:${port}`) return;
    await ensureMember(client, `127.0.0.1:${port}`);
    throw new SystemFailure('it is not the writable primary yet');
  } finally {
    await client.close();
  }
};

const ensureMember = async (client: MongoClient, host: string): Promise<void> => {
  const admin = client.db('admin');
  const stored = await client
    .db('local')
    .collection('system.replset')
    .findOne({}, { readPreference: 'secondaryPreferred', maxTimeMS: COMMAND_LIMIT_MS });
  if (stored === null) {
    const config = { _id: REPLICA_SET, members: [{ _id: 0, host }] };
    await admin.command({ replSetInitiate: config }).catch((error: unknown) => {
      // Two attempts may overlap when the first one's answer was lost.
      if (codeOf(error) !== ALREADY_INITIALIZED) throw error;
    });
    return;
  }
  const { members, version, ...rest } = storedConfig.parse(stored);
  if (members.length === 1 && members[0]?.host === host) return;
  const moved = { ...rest, version: version + 1, members: [{ ...members[0], _id: members[0]?._id ?? 0, host }] };
  // By force: a node that does not find its own address in the set is no member, and nobody could vote for the change.
  await admin.command({ replSetReconfig: moved, force: true });
};
