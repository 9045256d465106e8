// Our command line for connectors, as somebody would run it beside a system that runs.
import { runCli } from '@foldline/connect/src';
import pc from 'picocolors';
import type { TestSystem } from './test-system.ts';

export interface CliRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export async function connectCli({ ready, servers }: TestSystem, args: readonly string[]): Promise<CliRun> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCli(args, {
    env: {
      ...{ CONNECT_URL: ready.connect ?? undefined, KAFKA_BROKERS: ready.kafka ?? undefined },
      ...{ MONGODB_URI: ready.mongodb, CONNECT_SECRETS_DIR: servers.folders.secrets },
    },
    stdout: (text) => out.push(text),
    stderr: (text) => err.push(text),
    colors: pc.createColors(false),
    confirm: undefined,
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}
