// A mongod as somebody may have started it who did not read what is needed: alone, never initiated, without a majority.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findMongod, freePort, startProcess, systemSettings, whenReady } from '@foldline/system';
import { type Document, MongoClient } from 'mongodb';
import { waitUntil } from './wait-until.ts';

const readyLimitMs = 30_000;
const stopGraceMs = 10_000;

export interface BareMongod {
  readonly host: string;
  /** Runs a command of the database admin on this very server. */
  command(command: Document): Promise<Document>;
  close(): Promise<void>;
}

export async function startBareMongod(args: readonly string[] = []): Promise<BareMongod> {
  const folder = await mkdtemp(join(tmpdir(), 'foldline-e2e-mongod-'));
  await mkdir(join(folder, 'db'));
  const { path } = await findMongod(systemSettings());
  const host = `127.0.0.1:${await freePort()}`;
  const server = await startProcess({
    name: 'mongod',
    role: 'server',
    command: path,
    logFile: join(folder, 'mongod.log'),
    pidsDir: join(folder, 'pids'),
    stopGraceMs,
    args: ['--dbpath', join(folder, 'db'), '--bind_ip', '127.0.0.1', '--port', host.split(':')[1] ?? '', ...args],
  });
  // A client whose first connection fails is of no use afterwards: the probe makes one at each try.
  const connected = () =>
    MongoClient.connect(`mongodb://${host}/`, { directConnection: true, serverSelectionTimeoutMS: 1_000 });
  const client = await whenReady({ server, probe: connected, limitMs: readyLimitMs });
  const command = (what: Document) => client.db('admin').command(what);
  return {
    host,
    command,
    async close() {
      await client.close();
      // In order it would take its time: a primary waits for another one to take over.
      server.kill('SIGKILL');
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A set with a primary, an arbiter and a member that is away: it elects, and holds no majority of the data. */
export async function startSetWithoutMajority(): Promise<BareMongod> {
  const [primary, arbiter] = await Promise.all([startBareMongod(replSet), startBareMongod(replSet)]);
  const writable = () =>
    waitUntil('a primary', readyLimitMs, async () => {
      const { isWritablePrimary } = await primary.command({ hello: 1 });
      return isWritablePrimary ? undefined : 'it is none';
    });
  const member = { _id: 0, host: primary.host };
  // So that members hear of each other soon.
  const settings = { heartbeatIntervalMillis: 200, electionTimeoutMillis: 2_000 };
  await primary.command({ replSetInitiate: { _id: 'small', members: [member], settings } });
  await writable();
  // An arbiter changes what "majority" would stand for by default, which mongod wants to be said.
  await primary.command({ setDefaultRWConcern: 1, defaultWriteConcern: { w: 1 } });
  const { config } = await primary.command({ replSetGetConfig: 1 });
  const away = { _id: 2, host: `127.0.0.1:${await freePort()}`, priority: 0 };
  const members = [...config.members, { _id: 1, host: arbiter.host, arbiterOnly: true }, away];
  // By force: a member that is away cannot agree.
  await primary.command({ replSetReconfig: { ...config, version: config.version + 1, members }, force: true });
  await waitUntil('the arbiter', readyLimitMs, async () => {
    const status = await primary.command({ replSetGetStatus: 1 });
    const states = (status.members as Document[]).map(({ stateStr }) => String(stateStr));
    return states.includes('ARBITER') && states.includes('PRIMARY') ? undefined : states.join(', ');
  });
  return {
    ...primary,
    async close() {
      await primary.close();
      await arbiter.close();
    },
  };
}

const replSet = ['--replSet', 'small'];
