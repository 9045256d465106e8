// Our command line for connectors, as somebody would run it beside a system that runs.
import { runCli } from 'foldline/connect';
import { keptOutput } from 'foldline/testing/workspace';
import type { TestSystem } from './test-system.ts';

export interface CliRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export async function connectCli({ ready, servers }: TestSystem, args: readonly string[]): Promise<CliRun> {
  const { output, said } = keptOutput();
  const code = await runCli(args, {
    env: {
      CONNECT_URL: ready.connect ?? undefined,
      KAFKA_BROKERS: ready.kafka ?? undefined,
      MONGODB_URI: ready.mongodb,
      CONNECT_SECRETS_DIR: servers.folders.secrets,
    },
    ...output,
    confirm: undefined,
  });
  return { code, ...said() };
}
