// What MongoDB says about itself, read once and without writing anything, and what is wrong with it. A server in trouble is never an exception
// here: its trouble is the result.

import { type Db, type Document, MongoClient, type MongoClientOptions } from 'mongodb';
import { codeOf, rootReasonOf } from '../../engine/index.ts';
import { type Diagnosis, diagnosed, notChecked, type Section, section } from './diagnosis.ts';

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

/** @param uri as given; undefined when it was not */
export function diagnoseMongodb(
  uri: string | undefined,
  state: MongodbState | undefined,
  oplogWindowMs: number,
): Section {
  if (uri === undefined || state === undefined)
    return section('mongodb', 'not looked at', [diagnosed('mongodb-not-given', 'MONGODB_URI', 'is not set')]);
  if (state.is === 'router')
    return notChecked('mongodb', `${uri} is a router of a sharded cluster: look at each shard`);
  if (state.is !== 'set') {
    const [code, what] = troubles[state.is];
    return section('mongodb', uri, [diagnosed(code, about, `${what} ${state.reason}`)]);
  }
  const { set, oplog, hidden } = state;
  const findings = [
    ...(set === undefined ? [] : ofSet(set)),
    ...(oplog === undefined ? [] : ofOplog(oplog, oplogWindowMs)),
    ...hidden.map((what) => diagnosed('mongodb-may-not-look', about, `does not let this user see ${what}`)),
  ];
  const members = set && `replica set ${set.name}, ${set.well} of ${set.all} members well`;
  const kept = oplog && `oplog ${megabytes(oplog.usedBytes)} of ${megabytes(oplog.maxBytes)} MB`;
  return section('mongodb', [uri, members, kept].filter((part) => part !== undefined).join(', '), findings);
}

const about = 'MongoDB';
const troubles = {
  unreachable: ['mongodb-unreachable', 'does not answer:'],
  'login-refused': ['mongodb-login', 'refuses the user:'],
  'no-replica-set': ['mongodb-no-replica-set', 'is no replica set: it'],
} as const;

function ofSet({ name, hasPrimary, well, all, majority }: ReplicaSet): Diagnosis[] {
  const missing = diagnosed('mongodb-no-primary', about, `has no primary in its set ${name}: nothing can be written`);
  const few = `has ${well} of ${all} voting members that hold data, and ${majority} make a majority`;
  return [
    ...(hasPrimary ? [] : [missing]),
    ...(well >= majority ? [] : [diagnosed('mongodb-no-majority', about, few)]),
  ];
}

/** From this share on an oplog counts as full: what it holds is all that it will ever hold. */
const fullShare = 0.9;
/** Below this share nothing is reckoned: a minute of a new set says nothing about a day. */
const tellingShare = 0.1;

/**
 * A full oplog reaches back as far as it reaches. One that is not full yet says nothing by its age, so what it will hold is
 * reckoned from how fast it filled: a guess, and told as one.
 */
function ofOplog({ usedBytes, maxBytes, spanMs, keptMs }: Oplog, windowMs: number): Diagnosis[] {
  const share = maxBytes === 0 ? 0 : usedBytes / maxBytes;
  if (share < tellingShare || keptMs >= windowMs) return [];
  const full = share >= fullShare;
  const reachMs = full ? spanMs : spanMs / share;
  if (reachMs >= windowMs) return [];
  const wanted = `and a connector should be able to be away for ${duration(windowMs)}`;
  return full
    ? [diagnosed('oplog-short', about, `has an oplog that reaches back ${duration(reachMs)}, ${wanted}`)]
    : [diagnosed('oplog-fills-fast', about, `fills its oplog in ${duration(reachMs)} at the pace so far, ${wanted}`)];
}

const megabytes = (bytes: number) => Math.round(bytes / 1_048_576);

function duration(ms: number): string {
  const units = [
    [86_400_000, 'days'],
    [3_600_000, 'hours'],
    [60_000, 'minutes'],
  ] as const;
  const [unitMs, name] = units.find(([one]) => ms >= 2 * one) ?? [1_000, 'seconds'];
  return `${Math.round(ms / unitMs)} ${name}`;
}
