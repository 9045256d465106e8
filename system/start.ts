// `npm start`: brings the whole system up, tells each step as it happens, and ends all of it on Ctrl-C.
// A fault is one sentence and exit 1; nothing that it started is left running.
import { Command } from '@commander-js/extra-typings';
import { reasonOf } from 'foldline/engine';
import { block, commandOutput, openOutput } from 'foldline/terminal';
import { exportLine } from './command-line-addresses.ts';
import { type SystemSettings, systemSettings } from './config.ts';
import { curlExamples } from './curl-examples.ts';
import { SystemFailure } from './failure.ts';
import { printExamples, runInForeground } from './foreground.ts';
import { kafkaAvailability } from './kafka/kafka-and-connect.ts';
import { withoutOwnServers } from './own-servers.ts';
import { type System, startSystem } from './system.ts';

const output = openOutput(process);
const tokenNote = '# The services have tokens: set ADMIN_TOKEN for npm run admin';

const command = new Command('npm start --')
  .configureOutput(commandOutput(output))
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
  if (embedded && kafka) throw new SystemFailure('--embedded and --kafka exclude each other: give one of them');
  const { settings, own } = await withoutOwnServers(systemSettings());
  const mode = await chooseMode(settings, embedded, kafka);
  output.stdout(`mode ${mode.name}: ${mode.reason}`);
  if (own.length > 0)
    output.stdout(`${own.join(', ')}: servers of an earlier start in ${settings.dataDir}; they are started again`);

  await runInForeground<System>(
    output,
    (hooks) => startSystem({ ...settings, ...hooks, kafka: mode.name === 'kafka' }),
    ({ servers, userService, shoppingService, ready }) => {
      const withToken = Boolean(settings.env.API_TOKENS?.trim());
      printExamples(curlExamples(userService.url, shoppingService.url, { withToken }), output);
      if (withToken) output.stdout(['', output.colors.dim(tokenNote)]);
      const ownMongodb = settings.mongodbUri === undefined ? ready.mongodb : undefined;
      output.stdout([
        '',
        output.colors.dim('# In another terminal, so that npm run connect and npm run admin find this system'),
        exportLine(ready, servers.folders.secrets, ownMongodb),
        '',
        `Pages: ${userService.url}/docs and ${shoppingService.url}/docs. Ctrl-C ends everything.`,
        '',
      ]);
      output.stdout(`ready ${JSON.stringify(ready)}`);
    },
  );
}

async function chooseMode(
  settings: SystemSettings,
  embedded: boolean,
  insist: boolean,
): Promise<{ name: 'kafka' | 'embedded'; reason: string }> {
  if (embedded) return { name: 'embedded', reason: '--embedded was given; one machine only, no broker' };
  if (settings.kafkaBrokers !== undefined && settings.connectUrl !== undefined)
    return { name: 'kafka', reason: 'KAFKA_BROKERS and CONNECT_URL are given' };
  const { available, reason } = await kafkaAvailability(settings);
  if (available) return { name: 'kafka', reason };
  if (insist) throw new SystemFailure(`--kafka needs Java 17 or later and Maven: ${reason}`);
  return {
    name: 'embedded',
    reason: `${reason}; shopping-service reads the event collections by change stream, on this machine only`,
  };
}

main().catch((error: unknown) => {
  output.stderr(block(`The system did not start: ${reasonOf(error)}`));
  process.exit(1);
});
