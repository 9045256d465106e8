// `npm run bench [-- append|projector|resync|latency|festival …]`: measures on real parts and prints ratios of this run. Exit 1 when
// a claim was missed.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSystem, systemSettings } from '@foldline/system';
import { clientSettings } from 'foldline/config';
import { connectToMongo } from 'foldline/mongodb';
import { benchAppend } from './append.ts';
import { benchSettings } from './config.ts';
import { benchFestival } from './festival.ts';
import { benchLatency } from './latency.ts';
import { benchProjector } from './projector.ts';
import { keep, print, type Result } from './report.ts';
import { benchResync } from './resync.ts';

const names = ['latency', 'append', 'projector', 'resync', 'festival'] as const;
const resyncedCustomers = 100_000;
/** For a try: `--customers=5000` resyncs fewer. The claim is about all of them. */
const customersOption = /^--customers=(\d+)$/;

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes('--help')) return console.log(`Usage: npm run bench [-- ${names.join('|')} … --customers=<n>]`);
  const asked = args.filter((one) => !customersOption.test(one));
  const fewer = args.flatMap((one) => customersOption.exec(one)?.[1] ?? []);
  const customers = Number(fewer[0] ?? resyncedCustomers);
  const unknown = asked.find((name) => !names.includes(name as (typeof names)[number]));
  if (unknown !== undefined) throw new Error(`There is no bench ${unknown}; there are ${names.join(', ')}.`);
  const wanted = names.filter((name) => asked.length === 0 || asked.includes(name));
  const dataDir = await mkdtemp(join(tmpdir(), 'foldline-bench-'));
  const results: Result[] = [];
  try {
    console.log('starting the servers …');
    const settings = systemSettings();
    const env = { ...settings.env, LOG_LEVEL: 'warn' };
    const system = await startSystem({
      ...settings,
      env,
      dataDir,
      kafka: wanted.includes('latency') || wanted.includes('resync'),
      userServicePort: 0,
      shoppingServicePort: 0,
    });
    const client = await connectToMongo(
      clientSettings('bench', { ...benchSettings(), MONGODB_URI: system.ready.mongodb }),
    );
    const keepResult = (result: Result) => {
      print(result);
      results.push(result);
    };
    try {
      if (wanted.includes('latency')) keepResult(await benchLatency(system, client));
      // What takes no part any more would only take turns on the cores: the services, then the brokers.
      await system.userService.close();
      await system.shoppingService.close();
      await system.servers.worker?.close();
      if (wanted.includes('resync')) keepResult(await benchResync([system.ready.kafka as string], client, customers));
      await system.servers.kafka?.close();
      if (wanted.includes('append')) keepResult(await benchAppend(client));
      if (wanted.includes('projector')) keepResult(await benchProjector(client));
      if (wanted.includes('festival')) keepResult(await benchFestival(client, system.ready.mongodb));
    } finally {
      await client.close();
      await system.close();
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
  console.log(`\nkept in ${await keep(results, join(process.cwd(), 'bench', 'results'))}`);
  process.exitCode = results.every(({ claims }) => claims.every(({ met }) => met)) ? 0 : 1;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
