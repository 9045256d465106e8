// Recognises the addresses of one's own servers: the line that a start prints may still be in the shell in which the next start is
// typed. Servers of an earlier start are started again; taken for given ones, they would only not answer.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SystemSettings } from './config.ts';
import { dataFolders } from './data-folder.ts';
import { replicaSetUri } from './mongodb/replica-set.ts';

type Given = Pick<SystemSettings, 'dataDir' | 'mongodbUri' | 'kafkaBrokers' | 'connectUrl'>;

/** @returns the settings without own addresses, and the variables that named them */
export async function withoutOwnServers<S extends Given>(
  settings: S,
): Promise<{ settings: S; own: readonly string[] }> {
  const { mongodb, kafka, connect } = dataFolders(settings.dataDir);
  const [mongodbPort, kafkaPort, connectPort] = await Promise.all([mongodb, kafka, connect].map(portIn));
  const isOwn = {
    mongodbUri: mongodbPort !== undefined && settings.mongodbUri === replicaSetUri(mongodbPort),
    kafkaBrokers: kafkaPort !== undefined && settings.kafkaBrokers === `127.0.0.1:${kafkaPort}`,
    connectUrl: connectPort !== undefined && settings.connectUrl === `http://127.0.0.1:${connectPort}`,
  };
  const variables = { mongodbUri: 'MONGODB_URI', kafkaBrokers: 'KAFKA_BROKERS', connectUrl: 'CONNECT_URL' } as const;
  const names = (Object.keys(variables) as (keyof typeof variables)[]).filter((name) => isOwn[name]);
  const without = Object.fromEntries(names.map((name) => [name, undefined]));
  return { settings: { ...settings, ...without }, own: names.map((name) => variables[name]) };
}

/** The port that a start remembered there; undefined where none did. */
async function portIn(folder: string): Promise<number | undefined> {
  const port = Number(await readFile(join(folder, 'port'), 'utf8').catch(() => ''));
  return Number.isInteger(port) && port > 0 ? port : undefined;
}
