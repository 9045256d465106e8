// An example for one test file, as `npm run example` starts it: in a folder of its own, on ports of its own, with a plain driver
// beside it. Servers that the environment names are left alone.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Example } from '@foldline/examples/example';
import { type Stack, startStack, systemSettings } from '@foldline/system';
import { MongoClient } from 'mongodb';
import { emptied, emptySharedServers, forgetConnectors } from './shared-servers.ts';

export interface ExampleStack {
  readonly stack: Stack;
  readonly client: MongoClient;
  close(): Promise<void>;
}

/** @throws Error of what did not start; its folder is left for whoever looks for the reason in the logs */
export async function startExampleStack({ connectors, services }: Pick<Example, 'connectors' | 'services'>) {
  const { cacheDir, systemBinary, javaHome, host, env } = systemSettings();
  const { API_TOKENS: _, ...around } = env;
  const shared = await emptySharedServers();
  const dataDir = await mkdtemp(join(tmpdir(), 'foldline-e2e-'));
  const stack = await startStack({
    cacheDir,
    systemBinary,
    javaHome,
    host,
    dataDir,
    connectors,
    services,
    env: around,
    kafka: true,
    mongodbUri: shared?.mongodbUri,
    kafkaBrokers: shared?.brokers,
    connectUrl: shared?.connectUrl,
  });
  const client = new MongoClient(stack.servers.mongodbUri, { readConcern: { level: 'majority' } });
  const handle: ExampleStack = {
    stack,
    client,
    async close() {
      await client.close();
      // While their database still answers.
      if (shared) await forgetConnectors(shared.connectUrl);
      await stack.close();
      if (shared) await emptied(shared);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  return handle;
}
