// Goal: after the databases were set back to an older backup, by the steps of docs/backup-and-restore.md, every snapshot, topic and
// document follows the restored events, and nothing of what was lost is left anywhere. Method: the steps on real MongoDB, Kafka and
// Connect; a driver copies the collections in place of mongodump, and what must come of it is folded independently.
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runCli } from 'foldline/connect';
import { seededRandom } from 'foldline/testing';
import { keptOutput, testSeed } from 'foldline/testing/workspace';
import kafkajs from 'kafkajs';
import type { Db, Document } from 'mongodb';
import { runAdmin } from './support/admin-process.ts';
import { insertEvents } from './support/event-inserts.ts';
import { waitForPositions } from './support/positions.ts';
import { type ServiceProcess, startServiceProcess } from './support/service-process.ts';
import { startShopProcess } from './support/shop-process.ts';
import { startLimitMs, startTestSystem, stopLimitMs, type TestSystem } from './support/test-system.ts';
import { expectBodiesAsStored, expectDocumentsAsStored } from './support/whole-system.ts';
import { interleaved, worldOf } from './support/world.ts';

const settleMs = 60_000;
const seed = testSeed();
const random = seededRandom(seed);
const truth = [
  { db: 'users', collection: 'UserEvents' },
  { db: 'shopping', collection: 'CatalogEvents' },
  { db: 'shopping', collection: 'OrderEvents' },
] as const;
const topics = ['user-events', 'catalog-events', 'order-events', 'user-snapshots'];
const size = { users: 20, categories: 5, items: 20, orders: 10 };

let system: TestSystem;
let folder: string;
const started: ServiceProcess[] = [];

beforeAll(async () => {
  system = await startTestSystem({ kafka: true });
  folder = await mkdtemp(join(tmpdir(), 'foldline-epoch-'));
}, startLimitMs);

afterAll(async () => {
  for (const { process } of started.reverse()) await process.close();
  await system?.close();
  await rm(folder, { recursive: true, force: true });
}, stopLimitMs);

async function connect(...args: string[]): Promise<void> {
  const { output, said } = keptOutput();
  const { connectUrl, brokers, folders } = system.servers;
  const code = await runCli(args, {
    env: { CONNECT_URL: connectUrl ?? '', KAFKA_BROKERS: brokers ?? '', CONNECT_SECRETS_DIR: folders.secrets },
    ...output,
    confirm: undefined,
  });
  if (code !== 0) throw new Error(`connect ${args[0]} ended with ${code}: ${said().out}\n${said().err}`);
}

/** Of one instant, as the page says a backup must be; services go on writing. */
async function backUp(): Promise<Document[][]> {
  const session = system.client.startSession({ snapshot: true });
  try {
    const read: Document[][] = [];
    for (const { db, collection } of truth)
      read.push(await system[db].collection(collection).find({}, { session }).toArray());
    return read;
  } finally {
    await session.endSession();
  }
}

/** The events as they were, and no other collection: everything else is made of them. */
async function restore(backup: readonly Document[][]): Promise<void> {
  for (const db of [system.users, system.shopping]) await dropAll(db);
  for (const [i, { db, collection }] of truth.entries())
    if (backup[i]?.length) await system[db].collection(collection).insertMany(backup[i]);
}

async function dropAll(db: Db): Promise<void> {
  for (const { name } of await db.listCollections({}, { nameOnly: true }).toArray()) await db.dropCollection(name);
}

/** The connectors' files with places of a new name: what is remembered under the old one is of another history. */
async function nextEpoch(): Promise<string> {
  await cp(resolve('connect', 'connectors'), folder, { recursive: true });
  for (const name of await readdir(folder)) {
    const text = await readFile(join(folder, name), 'utf8');
    await writeFile(join(folder, name), text.replace(/("offset\.partition\.name": "[\w-]+)\.1"/, '$1.2"'));
  }
  return folder;
}

async function forgetTopics(): Promise<void> {
  const kafka = new kafkajs.Kafka({ brokers: [system.servers.brokers ?? ''], logLevel: kafkajs.logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await admin.deleteTopics({ topics });
  await admin.deleteGroups(['shopping-service']);
  await admin.disconnect();
}

async function startServices(): Promise<void> {
  const userService = await startServiceProcess(system.servers, {
    name: 'restored-users',
    port: Number(new URL(system.ready.userService).port),
    script: resolve('user-service', 'dist', 'src', 'server.js'),
    portVariable: 'USER_SERVICE_PORT',
  });
  started.push(userService);
  await userService.whenReady();
  await connect('apply', await nextEpoch(), '--yes');
  const shop = await startShopProcess(system, {
    name: 'restored-shop',
    port: Number(new URL(system.ready.shoppingService).port),
  });
  started.push(shop);
  await shop.whenReady();
}

test(`a backup is restored that is older than what the topics hold (seed ${seed})`, async () => {
  await insertEvents(system, interleaved(worldOf(size, random), random));
  await waitForPositions(system, settleMs);
  const backup = await backUp();
  const lost = interleaved(worldOf(size, random), random);
  await insertEvents(system, lost);
  await waitForPositions(system, settleMs);

  await system.shoppingService.close();
  await system.userService.close();
  await connect('delete', ...topics, '--yes');
  await forgetTopics();
  await restore(backup);
  await startServices();

  await waitForPositions(system, settleMs);
  await expectBodiesAsStored(system, await expectDocumentsAsStored(system), 10);
  const customers = system.shopping.collection<Document & { _id: string }>('customers');
  const lostUsers = lost.flatMap(({ subject }) => (subject.startsWith('user-') ? subject : []));
  // Orders of the backup may name a user who was made later: then it stands there as not yet known, and only then.
  expect(await customers.countDocuments({ _id: { $in: lostUsers }, version: { $gt: 0 } })).toBe(0);
  for (const model of ['users', 'customers', 'categories', 'items', 'orders'])
    expect(await runAdmin(system, 'verify', model)).toMatchObject({ code: 0 });
}, 300_000);
