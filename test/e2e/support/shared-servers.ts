// MongoDB, Kafka and Connect that the test files of one Jest worker use one after the other. The runner starts these servers once, and each
// file begins with servers that hold nothing.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  assembleJars,
  findJava,
  findMongod,
  startConnectWorker,
  startKafka,
  startMongod,
  systemSettings,
} from '@foldline/system';
import kafkajs from 'kafkajs';
import { MongoClient } from 'mongodb';
import { waitUntil } from './wait-until.ts';

/** A JSON list of addresses, one for each Jest worker; without it every file starts its own. */
const variable = 'E2E_SHARED_SERVERS';
const emptyWithinMs = 30_000;

export interface SharedServers {
  readonly mongodbUri: string;
  readonly brokers: string;
  readonly connectUrl: string;
}

export interface StartedServers {
  /** What the tests have to be told. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** @param parent the folder below which every file of the run has its own: a connector may name secrets there */
export async function startSharedServers(count: number, parent: string): Promise<StartedServers> {
  const started = await Promise.all(
    Array.from({ length: count }, (_, i) => startOne(join(parent, `shared-${i}`), parent)),
  );
  return {
    env: { [variable]: JSON.stringify(started.map(({ servers }) => servers)) },
    async close() {
      await Promise.all(started.map(({ close }) => close()));
    },
  };
}

async function startOne(folder: string, secretsDir: string) {
  const { cacheDir, javaHome, systemBinary } = systemSettings();
  const [pidsDir, logs] = [join(folder, 'pids'), join(folder, 'logs')];
  await mkdir(pidsDir, { recursive: true });
  await mkdir(logs, { recursive: true });
  const java = await findJava({ javaHome });
  const common = { java, jars: await assembleJars({ java, cacheDir }), pidsDir };
  const binary = await findMongod({ cacheDir, systemBinary });
  const mongod = await startMongod({
    pidsDir,
    binary: binary.path,
    dataDir: join(folder, 'mongodb'),
    logFile: join(logs, 'mongod.log'),
  });
  const kafka = await startKafka({ ...common, dataDir: join(folder, 'kafka'), logFile: join(logs, 'kafka.log') });
  const worker = await startConnectWorker({
    ...common,
    secretsDir,
    brokers: kafka.brokers,
    dataDir: join(folder, 'connect'),
    logFile: join(logs, 'connect.log'),
  });
  const close = async () => {
    await worker.close();
    await kafka.close();
    await mongod.close();
  };
  const servers: SharedServers = { mongodbUri: mongod.uri, brokers: kafka.brokers, connectUrl: worker.url };
  return { servers, close };
}

/** Those of this Jest worker, with nothing in them; undefined where the run has none. @throws Error saying what could not be emptied */
export async function emptySharedServers(): Promise<SharedServers | undefined> {
  const all = JSON.parse(process.env[variable] ?? '[]') as SharedServers[];
  const own = all[Number(process.env.JEST_WORKER_ID ?? 1) - 1];
  if (own) await emptied(own);
  return own;
}

/** Connectors first, since they would make their topics again. */
export async function emptied({ mongodbUri, brokers, connectUrl }: SharedServers): Promise<void> {
  await forgetConnectors(connectUrl);
  await dropDatabases(mongodbUri);
  const kafka = new kafkajs.Kafka({ brokers: brokers.split(','), logLevel: kafkajs.logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  try {
    const foreign = (name: string) => !/^(__|connect-(configs|offsets|status)$)/.test(name);
    await waitUntil('groups that are gone', emptyWithinMs, async () => {
      const groups = (await admin.listGroups()).groups.filter(({ protocolType }) => protocolType === 'consumer');
      if (groups.length === 0) return undefined;
      const names = groups.map(({ groupId }) => groupId);
      // One whose members have just left may still count them.
      return admin.deleteGroups(names).then(
        () => undefined,
        () => names.join(', '),
      );
    });
    const topics = (await admin.listTopics()).filter(foreign);
    if (topics.length > 0) await admin.deleteTopics({ topics });
    await waitUntil('topics that are gone', emptyWithinMs, async () => {
      const left = (await admin.listTopics()).filter(foreign);
      return left.length === 0 ? undefined : left.join(', ');
    });
  } finally {
    await admin.disconnect();
  }
}

async function dropDatabases(mongodbUri: string): Promise<void> {
  const client = await new MongoClient(mongodbUri).connect();
  try {
    const { databases } = await client.db().admin().listDatabases({ nameOnly: true });
    const own = databases.filter(({ name }) => !['admin', 'config', 'local'].includes(name));
    await Promise.all(own.map(({ name }) => client.db(name).dropDatabase()));
  } finally {
    await client.close();
  }
}

export async function forgetConnectors(connectUrl: string): Promise<void> {
  const names = (await (await ask(connectUrl, '/connectors')).json()) as string[];
  await Promise.all(names.map((name) => forgetConnector(connectUrl, name)));
}

/** Without its offsets a connector of the same name begins at the beginning. */
async function forgetConnector(connectUrl: string, name: string): Promise<void> {
  const path = `/connectors/${encodeURIComponent(name)}`;
  await ask(connectUrl, `${path}/stop`, 'PUT');
  await waitUntil(`${name} without offsets`, emptyWithinMs, async () => {
    const { status } = await ask(connectUrl, `${path}/offsets`, 'DELETE');
    return status < 300 ? undefined : `it answers ${status}`;
  });
  await waitUntil(`${name} deleted`, emptyWithinMs, async () => {
    const { status } = await ask(connectUrl, path, 'DELETE');
    return status < 300 || status === 404 ? undefined : `it answers ${status}`;
  });
}

const ask = (connectUrl: string, path: string, method = 'GET') =>
  fetch(`${connectUrl}${path}`, { method, signal: AbortSignal.timeout(emptyWithinMs) });
