// The connect command line: its verbs with their options, and its help.
import { type Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { acting, outputOption, type Run, runCommandLine, yesOption } from '../terminal/command-line.ts';
import { exitCodes, type Format } from '../terminal/index.ts';
import { readConfig } from './config.ts';
import type { Context, Surroundings } from './context.ts';
import { startedServers } from './started-servers.ts';
import { apply, plan } from './verbs/apply.ts';
import { halt, remove, reset, restart, resume, showOffsets } from './verbs/by-name.ts';
import { doctor } from './verbs/doctor.ts';
import { refillConnectors } from './verbs/refill.ts';
import { status } from './verbs/status.ts';
import { supervise } from './verbs/supervise.ts';
import { validate } from './verbs/validate.ts';

interface SharedOptions {
  readonly url?: string | undefined;
  readonly brokers?: string | undefined;
  readonly secretsDir?: string | undefined;
  readonly output: Format;
}

const filesHelp = 'connector files, folders of them, or - for standard input (default: connect/connectors)';

const help = `
Results go to stdout, messages go to stderr. Secrets are masked.
Exit codes: 0 ok, 1 error, 2 usage, 3 changes are pending (plan), 4 a connector or a task does not run (apply, status,
restart, resume), 130 stopped by Ctrl-C.

Environment: CONNECT_URL, KAFKA_BROKERS and CONNECT_SECRETS_DIR, unless an option says otherwise; MONGODB_URI, for
doctor and for counting documents; KAFKA_TLS, KAFKA_TLS_CA_FILE, KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and
KAFKA_SASL_PASSWORD, which are never arguments. Without CONNECT_URL, KAFKA_BROKERS, --url and --brokers the servers are
those that npm start wrote below DATA_DIR (.foldline), if a system runs.

Examples:
  npm run connect -- plan                                 what apply would change, and which rules forbid a change
  npm run connect -- apply --yes                          topics, then connectors, then a wait until all of them run
  npm run connect -- apply connect/connectors/user-events.json --dry-run
  npm run connect -- apply --prune                        also delete connectors of the same owner that have no file
  npm run connect -- status --watch                       the status again at each change, until Ctrl-C
  npm run connect -- validate - < user-events.json        one file, also at worker and broker when they answer
  npm run connect -- restart --only-failed                the connectors of all files that failed
  npm run connect -- delete user-snapshots --yes
  npm run connect -- stop user-events                     and later: resume user-events
  npm run connect -- offsets show                         the offsets of each connector in its collection
  npm run connect -- refill user-snapshots --yes          every stored document is sent to the topic again
  npm run connect -- supervise                            restart and heal connectors, until Ctrl-C
  npm run connect -- doctor                               what is wrong with the servers, and what to do

npm run connect -- <verb> --help shows the arguments and options of a verb.
`;

const workerOption = () =>
  new Option('--url <url>', 'the address of the worker (default: CONNECT_URL, else http://127.0.0.1:8083)');
const brokersOption = () =>
  new Option('--brokers <list>', 'host:port, several with commas (default: KAFKA_BROKERS, else 127.0.0.1:9092)');
const secretsOption = () =>
  new Option(
    '--secrets-dir <folder>',
    'the folder of the secrets of the worker (default: CONNECT_SECRETS_DIR, else as in the files)',
  );
const waitOption = (otherwise = 'CONNECT_HEALTHY_WITHIN_MS, else 60') =>
  new Option('--wait <seconds>', `how long all may take to run (default: ${otherwise})`).argParser(seconds);

const secondsMax = 3_600;

function seconds(text: string): number {
  if (/^\d+$/.test(text) && Number(text) <= secondsMax) return Number(text);
  throw new InvalidArgumentError(`It is no number from 0 to ${secondsMax}.`);
}

/**
 * Runs one command line.
 * @param args without node and script.
 * @returns the exit code; everything expected is told on stderr, anything else is thrown.
 */
export async function runCli(args: readonly string[], around: Surroundings): Promise<number> {
  const contextOf = (options: SharedOptions): Context => {
    const isNamed = options.url !== undefined || options.brokers !== undefined;
    const { file, env } = isNamed ? { file: undefined, env: {} } : startedServers(around.env);
    if (file !== undefined) around.stderr(around.colors.dim(`servers at the addresses in ${file}`));
    return { ...around, config: readConfig({ ...around.env, ...env }, options), format: options.output };
  };
  const commandLine = {
    name: 'connect',
    description: 'Deploys the connectors of connect/connectors to a Kafka Connect worker.',
    help,
    contextOf,
    addVerbs,
    codes: {
      'not-healthy': exitCodes.notHealthy,
      'prune-needs-folders': exitCodes.usage,
      'option-invalid': exitCodes.usage,
      aborted: exitCodes.stopped,
    },
  };
  return runCommandLine(commandLine, args, around);
}

function addVerbs(root: Command, run: Run<SharedOptions, Context>): void {
  const acts = acting(run);
  const verb = (name: string, description: string, parent = root) =>
    parent
      .command(name)
      .description(description)
      .copyInheritedSettings(root)
      .addOption(workerOption())
      .addOption(outputOption());
  const withFiles = (name: string, description: string) =>
    verb(name, description).argument('[files...]', filesHelp).addOption(brokersOption()).addOption(secretsOption());
  const withNames = (name: string, description: string, parent = root) =>
    verb(name, description, parent).argument('<names...>', 'names of connectors');
  const withSomeNames = (name: string, description: string, parent = root) =>
    verb(name, description, parent).argument('[names...]', 'names of connectors (default: all of connect/connectors)');

  withFiles('plan', 'show what apply would change and which rules forbid the change; change nothing')
    .option('--prune', 'show also what apply --prune would delete')
    .option('--reset-topic-settings', 'show also what apply --reset-topic-settings would take off')
    .option('--refill', 'show also which copies apply --refill would restart')
    .option('--delete-records', 'show also what apply --delete-records would change')
    .action(acts(plan));

  withFiles('apply', 'create topics and connectors or bring them up to date, and wait until every task runs')
    .addOption(yesOption())
    .option('--dry-run', 'do as plan does')
    .option('--prune', 'delete connectors of the same owner that have no file; takes folders only')
    .option('--reset-topic-settings', 'take off topics what their files do not name, but nothing that keeps records')
    .option('--refill', 'restart the copy of connectors that have offsets and whose topic is new, instead of refusing')
    .option('--delete-records', 'let changes of topics delete records that they keep now, instead of refusing')
    .addOption(waitOption())
    .action(acts(apply));

  withFiles('status', 'show whether the connectors and their tasks run')
    .addOption(waitOption('look once'))
    .option('--watch', 'go on, and show it again at each change')
    .action(acts(status));

  withFiles('validate', 'check the files and, when worker and broker answer, ask them too').action(acts(validate));

  withFiles(
    'doctor',
    'check MongoDB (MONGODB_URI), broker, worker, plugin, topics and connectors; say what to do',
  ).action(acts(doctor));

  withFiles(
    'supervise',
    'keep connectors running until Ctrl-C: restart what failed, make lost topics, heal what does not move on',
  ).action(acts(supervise));

  withSomeNames('restart', 'restart connectors and their tasks, and wait until they run')
    .option('--only-failed', 'leave alone what runs')
    .addOption(waitOption())
    .action(acts(restart));

  withNames('delete', 'take connectors off the worker; their topics and offsets stay')
    .addOption(yesOption())
    .action(acts(remove));

  withNames('stop', 'end the tasks of connectors; config, topics and offsets stay').action(acts(halt('stop')));
  withNames('pause', 'pause connectors and their tasks').action(acts(halt('pause')));
  withNames('resume', 'resume connectors that are paused or stopped, and wait until they run')
    .addOption(waitOption())
    .action(acts(resume));

  withNames('refill', 'restart the copy of connectors, so that their topics get every stored document again')
    .option('--files <paths...>', 'files or folders in which they are described (default: connect/connectors)')
    .addOption(brokersOption())
    .addOption(secretsOption())
    .addOption(yesOption())
    .addOption(waitOption('CONNECT_REFILL_WITHIN_MS, else 3600'))
    .action(acts(refillConnectors));

  const offsets = root.command('offsets').description('show or reset the offsets of connectors');
  offsets.copyInheritedSettings(root);
  withSomeNames('show', 'show the offsets of connectors', offsets).action(acts(showOffsets));
  withNames(
    'reset',
    'reset the offsets of stopped connectors; a resumed connector copies its whole collection again',
    offsets,
  )
    .addOption(yesOption())
    .action(acts(reset));
}
