// What MongoDB says about itself, read once and without writing anything. A server in trouble is never an exception here: its trouble is
// the result.

import { type Db, type Document, MongoClient, type MongoClientOptions } from 'mongodb';
import { codeOf, rootReasonOf } from '../../engine/index.ts';

export interface Oplog {
  readonly usedBytes: number;
  readonly maxBytes: number;
  /** From its oldest entry to its newest. */
  readonly spanMs: number;
  /** What the server keeps whatever the size; 0 where it is not set. */
  readonly keptMs: number;
}

export interface ReplicaSet {
  readonly name: string;
  readonly hasPrimary: boolean;
  /** Voting members that hold data: those that are well, all, and how many make a majority for writes. */
  readonly well: number;
  readonly all: number;
  readonly majority: number;
}

export type MongodbState =
  | { readonly is: 'unreachable' | 'login-refused' | 'no-replica-set'; readonly reason: string }
  | { readonly is: 'router' }
  | {
      readonly is: 'set';
      readonly set: ReplicaSet | undefined;
      readonly oplog: Oplog | undefined;
      /** What the user may not look at. */
      readonly hidden: readonly string[];
    };

const authenticationFailed = 18;
const unauthorized = 13;
const hourMs = 3_600_000;

/** @param timeoutMs for finding a server, and for each question */
export async function readMongodb(uri: string, timeoutMs: number): Promise<MongodbState> {
  const options = {
    serverSelectionTimeoutMS: timeoutMs,
    connectTimeoutMS: timeoutMs,
    readPreference: 'nearest',
  } as const;
  let client: MongoClient | undefined;
  try {
    client = new MongoClient(uri, { ...options, appName: 'foldline-doctor' });
    await client.connect();
    return await read(client, timeoutMs);
  } catch (error) {
    if (codeOf(error) === authenticationFailed) return { is: 'login-refused', reason: rootReasonOf(error) };
    const standalone = client && (await standaloneAmong(client, options));
    if (standalone !== undefined) return { is: 'no-replica-set', reason: standalone };
    return { is: 'unreachable', reason: rootReasonOf(error) };
  } finally {
    await client?.close();
  }
}

async function read(client: MongoClient, timeoutMs: number): Promise<MongodbState> {
  const hello = await client.db('admin').command({ hello: 1 }, { readPreference: 'nearest', timeoutMS: timeoutMs });
  if (hello.msg === 'isdbgrid') return { is: 'router' };
  if (hello.setName === undefined) return { is: 'no-replica-set', reason: whyNoSet(hello) };
  const hidden: string[] = [];
  const allowed = async <T>(what: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (codeOf(error) !== unauthorized) throw error;
      hidden.push(what);
      return undefined;
    }
  };
  const ask = (command: Document) =>
    client.db('admin').command(command, { readPreference: 'nearest', timeoutMS: timeoutMs });
  const set = await allowed('the members of the set', () => readSet(ask));
  const oplog = await allowed('the oplog', async () => readOplog(client.db('local'), ask, timeoutMs));
  return { is: 'set', set, oplog, hidden };
}

type Ask = (command: Document) => Promise<Document>;

async function readSet(ask: Ask): Promise<ReplicaSet> {
  const [status, { config }] = await Promise.all([ask({ replSetGetStatus: 1 }), ask({ replSetGetConfig: 1 })]);
  const members = status.members as readonly {
    readonly _id: number;
    readonly state: number;
    readonly health: number;
  }[];
  const configured = config.members as readonly {
    readonly _id: number;
    readonly votes: number;
    readonly arbiterOnly: boolean;
  }[];
  const [primary, secondary] = [1, 2];
  const holding = configured.filter(({ votes, arbiterOnly }) => votes > 0 && !arbiterOnly).map(({ _id }) => _id);
  const well = members.filter(
    ({ _id, state, health }) => holding.includes(_id) && health === 1 && (state === primary || state === secondary),
  );
  return {
    name: String(status.set),
    hasPrimary: members.some(({ state }) => state === primary),
    well: well.length,
    all: holding.length,
    majority: Number(status.writeMajorityCount),
  };
}

async function readOplog(local: Db, ask: Ask, timeoutMs: number): Promise<Oplog> {
  const entries = local.collection('oplog.rs', { readPreference: 'nearest' });
  const bounds = { timeoutMS: timeoutMs, projection: { ts: 1 } };
  const [oldest, newest, stats, { oplogTruncation }] = await Promise.all([
    entries.findOne({}, { ...bounds, sort: { $natural: 1 } }),
    entries.findOne({}, { ...bounds, sort: { $natural: -1 } }),
    entries.aggregate([{ $collStats: { storageStats: {} } }], { timeoutMS: timeoutMs }).next(),
    ask({ serverStatus: 1, oplogTruncation: 1 }),
  ]);
  // A BSON timestamp holds seconds in its high half.
  const seconds = (entry: Document | null) => Number(entry?.ts?.getHighBits?.() ?? 0);
  return {
    usedBytes: Number(stats?.storageStats?.size ?? 0),
    maxBytes: Number(stats?.storageStats?.maxSize ?? 0),
    spanMs: (seconds(newest) - seconds(oldest)) * 1_000,
    keptMs: Number(oplogTruncation?.oplogMinRetentionHours ?? 0) * hourMs,
  };
}

/** A driver that was told the name of a set finds no server where a standalone one answers: so each is asked alone. */
async function standaloneAmong(client: MongoClient, options: MongoClientOptions): Promise<string | undefined> {
  const { hosts, tls } = client.options;
  for (const host of hosts) {
    const alone = new MongoClient(`mongodb://${host.toString()}/`, { ...options, directConnection: true, tls });
    try {
      const hello = await alone.db('admin').command({ hello: 1 });
      if (hello.setName === undefined && hello.msg !== 'isdbgrid') return whyNoSet(hello);
    } catch {
      // It does not answer either: the first reason stands.
    } finally {
      await alone.close();
    }
  }
  return undefined;
}

function whyNoSet({ isreplicaset }: Document): string {
  return isreplicaset === true ? 'was started with --replSet and was never initiated' : 'runs alone, without --replSet';
}
