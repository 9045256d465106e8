// A service of the kit for tests: on a database of its own, without a broker, with its parts within reach.

import { z } from 'zod';
import { connectToMongo } from '../../adapters/mongodb/index.ts';
import { clientSettings, readSettings, type Settings, type SettingsTable } from '../../config/index.ts';
import { createLogger, createMetrics } from '../../http/index.ts';
import { type Call, callerOf } from '../../testing/index.ts';
import { testMongodbUri, uniqueDatabaseName } from '../../testing/workspace/index.ts';
import type { Models, ServiceDeclaration, Stores } from '../declaration.ts';
import type { Opened, OwnParts, ServiceDefinition } from '../definition.ts';
import { openDatabase, openParts, type Parts } from '../parts.ts';
import { baseSettings, type KitConfig, sagaSettings } from '../settings.ts';
import { type RunningService, startService } from '../start-service.ts';

const table = { ...baseSettings, ...sagaSettings, DATABASE: z.string() };

/** What a declaration in a test begins with. */
export const testDeclaration = {
  name: 'tested',
  description: 'A test.',
  projection: 'tested',
  settings: { table, port: 'PORT', database: 'DATABASE' },
};

type Environment = Readonly<Record<string, string>>;

export function testConfig(env: Environment = {}): Settings<typeof table> {
  const DATABASE = uniqueDatabaseName();
  return readSettings(table, {
    MONGODB_URI: testMongodbUri(),
    LOG_LEVEL: 'silent',
    VERIFICATION_EVERY_MS: '0',
    DATABASE,
    ...env,
  });
}

const logger = createLogger({ name: 'tested', level: 'silent' });

export interface TestService<O> extends RunningService {
  readonly call: Call;
  readonly opened: O;
  /** Drops the database too. */
  close(): Promise<void>;
}

export async function startTestService<T extends SettingsTable, S extends Stores, M extends Models, O extends OwnParts>(
  definition: ServiceDefinition<T, S, M, O>,
  config: Settings<T> & KitConfig,
): Promise<TestService<Opened<T, S, M>>> {
  let reached: Opened<T, S, M> | undefined;
  const own = async (opened: Opened<T, S, M>) => {
    reached = opened;
    return (await definition.own?.(opened)) ?? ({} as O);
  };
  const service = await startService({ ...definition, own }, config, logger);
  const opened = reached as Opened<T, S, M>;
  return {
    ...service,
    opened,
    call: callerOf(service.app),
    async close() {
      await service.app.close();
      await opened.db.dropDatabase();
      await service.close();
    },
  };
}

/** The parts alone, for a test that feeds them by hand; `close` drops the database. */
export async function openTestParts(
  declared: ServiceDeclaration,
  env: Environment = {},
): Promise<Parts & { close(): Promise<void> }> {
  const config = testConfig(env);
  const client = await connectToMongo(clientSettings(declared.name, config));
  const ground = { config, logger, client, metrics: createMetrics() };
  const parts = await openParts(declared, ground, await openDatabase(declared, ground));
  return {
    ...parts,
    async close() {
      await parts.pauseGate.close();
      await parts.db.dropDatabase();
      await parts.client.close();
    },
  };
}
