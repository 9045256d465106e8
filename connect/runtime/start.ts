// `npm start`: brings the whole system up, tells each step as it happens, and ends all of it on Ctrl-C.
// A fault is one sentence and exit 1; nothing that it started is left running.
import { Command } from '@commander-js/extra-typings';
import picocolors from 'picocolors';
import { type RuntimeSettings, runtimeSettings } from './config.ts';
import { curlExamples } from './curl-examples.ts';
import { RuntimeFailure, reasonOf } from './failure.ts';
import { kafkaAvailability } from './kafka-and-connect.ts';
import type { Step } from './steps.ts';
import { type System, startSystem } from './system.ts';

// Not on CI's word alone, as the library would: whoever reads this by a program wants it plain.
const pc = picocolors.createColors(picocolors.isColorSupported && process.stdout.isTTY === true);

const command = new Command('npm start --')
  .description('Starts MongoDB, Kafka, Kafka Connect, user-service and shopping-service on this machine.')
  .option('--embedded', 'no broker: shopping-service reads the event collections by change stream')
  .option('--kafka', 'insist on real Kafka and Kafka Connect, instead of falling back to --embedded without Java')
  .addHelpText(
    'after',
    `
Environment: MONGODB_URI, KAFKA_BROKERS and CONNECT_URL use servers that run already; USER_SERVICE_PORT (3001) and
SHOPPING_SERVICE_PORT (3002), 0 for any free one; HOST (127.0.0.1); DATA_DIR (.foldline) is kept between starts.

Examples:
  npm start                  the whole system, with Kafka when Java 17+ and Maven are there
  npm start -- --embedded    without a broker
  USER_SERVICE_PORT=0 SHOPPING_SERVICE_PORT=0 DATA_DIR=/tmp/try npm start`,
  );

async function main(): Promise<void> {
  const { embedded = false, kafka = false } = command.parse().opts();
  if (embedded && kafka) throw new RuntimeFailure('--embedded and --kafka exclude each other: give one of them');
  const settings = runtimeSettings();
  const mode = await chooseMode(settings, embedded, kafka);
  console.log(`mode ${mode.name}: ${mode.reason}`);

  const stopping = new AbortController();
  let starting: Promise<System> | undefined;
  let ending: Promise<void> | undefined;
  const end = (exitCode: number) => {
    ending ??= (async () => {
      stopping.abort(new Error('the start was interrupted'));
      // A start that is interrupted ends what it has begun, and fails; only then may the process go.
      const system = await starting?.catch(() => undefined);
      if (system) console.log('\nending: services first, servers last');
      await system?.close();
      process.exit(exitCode);
    })();
  };
  process.on('SIGINT', () => end(0));
  process.on('SIGTERM', () => end(0));

  starting = startSystem({
    ...settings,
    kafka: mode.name === 'kafka',
    signal: stopping.signal,
    onStep: printStep,
    onSupervision: (event) => console.log(pc.dim(`connectors: ${JSON.stringify(event)}`)),
    onServiceEnded: (name, logFile) => {
      if (ending) return;
      console.error(`${name} ended by itself; its log is ${logFile}`);
      end(1);
    },
  });
  const system = await starting;
  if (ending) return;
  printExamples(system);
  console.log(`ready ${JSON.stringify(system.ready)}`);
}

async function chooseMode(
  settings: RuntimeSettings,
  embedded: boolean,
  insist: boolean,
): Promise<{ name: 'kafka' | 'embedded'; reason: string }> {
  if (embedded) return { name: 'embedded', reason: '--embedded was given; one machine only, no broker' };
  if (settings.kafkaBrokers !== undefined && settings.connectUrl !== undefined)
    return { name: 'kafka', reason: 'KAFKA_BROKERS and CONNECT_URL are given' };
  const { available, reason } = await kafkaAvailability(settings);
  if (available) return { name: 'kafka', reason };
  if (insist) throw new RuntimeFailure(`--kafka needs Java 17 or later and Maven: ${reason}`);
  return {
    name: 'embedded',
    reason: `${reason}; shopping-service reads the event collections by change stream, on this machine only`,
  };
}

function printStep({ name, state, detail, durationMs }: Step): void {
  const label = name.padEnd(17);
  if (state === 'started') {
    if (detail !== '') console.log(`${pc.dim('…')} ${label} ${pc.dim(detail)}`);
    return;
  }
  const mark = state === 'done' ? pc.green('✔') : pc.red('✘');
  console.log(`${mark} ${label} ${detail} ${pc.dim(`(${(durationMs / 1000).toFixed(1)} s)`)}`);
}

function printExamples({ userService, shoppingService }: System): void {
  console.log('\nTry it:');
  for (const { says, command: line } of curlExamples(userService.url, shoppingService.url))
    console.log(`\n${pc.dim(`# ${says}`)}\n${line}`);
  console.log(`\nPages: ${userService.url}/docs and ${shoppingService.url}/docs. Ctrl-C ends everything.\n`);
}

main().catch((error: unknown) => {
  console.error(`The system did not start: ${reasonOf(error)}`);
  process.exit(1);
});
