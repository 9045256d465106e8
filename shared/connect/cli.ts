// The command line: verbs, options, help, and one place where an error becomes an exit code.
// It reads nothing from the process itself; `main.ts` passes in the environment, the streams and the terminal.
import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { commandOutput, exitCodeOf, exitCodes, type Format } from '../terminal/index.ts';
import { readConfig } from './config.ts';
import type { Context, Surroundings } from './context.ts';
import type { ConnectFailureCode } from './failure.ts';
import { startedServers } from './started-servers.ts';
import { apply, plan } from './verbs/apply.ts';
import { remove, restart } from './verbs/by-name.ts';
import { doctor } from './verbs/doctor.ts';
import { reset, showOffsets } from './verbs/offsets.ts';
import { refillConnectors } from './verbs/refill.ts';
import { pauseConnectors, resume, stop } from './verbs/stand.ts';
import { status } from './verbs/status.ts';
import { validate } from './verbs/validate.ts';

interface SharedOptions {
  readonly url?: string | undefined;
  readonly brokers?: string | undefined;
  readonly secretsDir?: string | undefined;
  readonly output: Format;
}

const helpChars = 120;
const filesHelp = 'connector files, folders of them, or - for standard input (default: connect/connectors)';

const help = `
Exit codes: 0 ok, 1 error, 2 usage, 3 changes pending (plan), 4 applied but not healthy.
Data goes to stdout, messages to stderr. Secrets are masked.
Environment: CONNECT_URL, KAFKA_BROKERS, CONNECT_SECRETS_DIR; never arguments: KAFKA_TLS, KAFKA_TLS_CA_FILE,
KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD; for what is counted, and for doctor, MONGODB_URI.

Examples:
  npm run connect -- plan                                 what would change, and what a rule holds against it
  npm run connect -- apply --yes                          topics, then connectors, then wait until all run
  npm run connect -- apply connect/connectors/user-events.json --dry-run
  npm run connect -- apply --prune                        also take off connectors of ours that have no file
  npm run connect -- status --watch                       again at each change, until Ctrl-C
  npm run connect -- validate - < user-events.json        files, and the opinion of worker and broker when they are up
  npm run connect -- restart --only-failed                what failed, of all files
  npm run connect -- delete user-snapshots --yes
  npm run connect -- stop user-events                     and later: resume user-events
  npm run connect -- offsets show                         where each connector stands in its collection
  npm run connect -- refill user-snapshots --yes          fill its topic again with all that is stored
  npm run connect -- doctor                               what is wrong with the servers, and what to do
`;

const workerOption = () =>
  new Option('--url <url>', "the worker's address (default: CONNECT_URL, else http://127.0.0.1:8083)");
const brokersOption = () =>
  new Option('--brokers <list>', 'host:port, several with commas (default: KAFKA_BROKERS, else 127.0.0.1:9092)');
const secretsOption = () =>
  new Option(
    '--secrets-dir <folder>',
    'where the worker finds its secrets (default: CONNECT_SECRETS_DIR, else as in the files)',
  );
const outputOption = () =>
  new Option('-o, --output <format>', 'how to print the result')
    .choices(['text', 'json'] as const)
    .default('text' as const);
const yesOption = () => new Option('-y, --yes', 'do not ask for confirmation');
const waitOption = (otherwise: string) =>
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
  let code: number = exitCodes.ok;
  const contextOf = (options: SharedOptions): Context => {
    const isNamed = options.url !== undefined || options.brokers !== undefined;
    const { file, env } = isNamed ? { file: undefined, env: {} } : startedServers(around.env);
    if (file !== undefined) around.stderr([around.colors.dim(`servers as ${file} names them`)]);
    return { ...around, config: readConfig({ ...around.env, ...env }, options), format: options.output };
  };
  try {
    await program(around, async (options, verb) => {
      code = await verb(contextOf(options));
    }).parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    return exitCodeOf(error, args, around, codesOfFailures);
  }
}

const codesOfFailures: Partial<Record<ConnectFailureCode, number>> = {
  'not-healthy': exitCodes.notHealthy,
  'prune-needs-folders': exitCodes.usage,
  'option-invalid': exitCodes.usage,
};

type Run = (options: SharedOptions, verb: (context: Context) => Promise<number>) => Promise<void>;

function program(around: Surroundings, run: Run) {
  const root = new Command('connect')
    .description('Deploys the connectors of connect/connectors to a Kafka Connect worker.')
    .addHelpText('after', help)
    .exitOverride()
    .configureOutput({
      ...commandOutput(around),
      // The same wherever it is read.
      getOutHelpWidth: () => helpChars,
      getErrHelpWidth: () => helpChars,
    })
    .showHelpAfterError('(npm run connect -- --help shows how)');
  const verb = (name: string, description: string) =>
    root.command(name).description(description).copyInheritedSettings(root);

  const withFiles = (name: string, description: string) =>
    verb(name, description)
      .argument('[files...]', filesHelp)
      .addOption(workerOption())
      .addOption(brokersOption())
      .addOption(secretsOption())
      .addOption(outputOption());

  withFiles('plan', 'show what apply would change and which rules forbid the change; change nothing')
    .option('--prune', 'show also what apply --prune would delete')
    .option('--reset-topic-settings', 'show also what apply --reset-topic-settings would take off')
    .option('--refill', 'show also which copies apply --refill would restart')
    .option('--delete-records', 'show also what apply --delete-records would change')
    .action((files, options) => run(options, (context) => plan(files, options, context)));

  withFiles('apply', 'create topics and connectors or bring them up to date, and wait until every task runs')
    .addOption(yesOption())
    .option('--dry-run', 'do as plan does')
    .option('--prune', 'delete connectors of the same owner that have no file; takes folders only')
    .option('--reset-topic-settings', 'take off topics what their files do not name, but nothing that keeps records')
    .option('--refill', 'restart the copy of connectors that have offsets and whose topic is new, instead of refusing')
    .option('--delete-records', 'let changes of topics delete records that they keep now, instead of refusing')
    .addOption(waitOption('CONNECT_HEALTHY_WITHIN_MS, else 60'))
    .action((files, options) => run(options, (context) => apply(files, options, context)));

  withFiles('status', 'show whether the connectors and their tasks run')
    .addOption(waitOption('look once'))
    .option('--watch', 'go on, and show it again at each change')
    .action((files, options) => run(options, (context) => status(files, options, context)));

  withFiles('validate', 'check the files and, when worker and broker answer, ask them too').action((files, options) =>
    run(options, (context) => validate(files, context)),
  );

  withFiles(
    'doctor',
    'check MongoDB (MONGODB_URI), broker, worker, plugin, topics and connectors; say what to do',
  ).action((files, options) => run(options, (context) => doctor(files, context)));

  verb('restart', 'restart connectors and their tasks, and wait until they run')
    .argument('[names...]', 'names of connectors (default: all of connect/connectors)')
    .addOption(workerOption())
    .addOption(outputOption())
    .option('--only-failed', 'leave alone what runs')
    .addOption(waitOption('CONNECT_HEALTHY_WITHIN_MS, else 60'))
    .action((names, options) => run(options, (context) => restart(names, options, context)));

  const byNames = (name: string, description: string, parent: Command = root) =>
    parent
      .command(name)
      .description(description)
      .copyInheritedSettings(root)
      .argument('<names...>', 'names of connectors')
      .addOption(workerOption())
      .addOption(outputOption());

  byNames('delete', 'take connectors off the worker; their topics and offsets stay')
    .addOption(yesOption())
    .action((names, options) => run(options, (context) => remove(names, options, context)));

  byNames('stop', 'end the tasks of connectors; config, topics and offsets stay').action((names, options) =>
    run(options, (context) => stop(names, context)),
  );
  byNames('pause', 'pause connectors and their tasks').action((names, options) =>
    run(options, (context) => pauseConnectors(names, context)),
  );
  byNames('resume', 'resume connectors that are paused or stopped, and wait until they run')
    .addOption(waitOption('CONNECT_HEALTHY_WITHIN_MS, else 60'))
    .action((names, options) => run(options, (context) => resume(names, options, context)));

  byNames('refill', 'restart the copy of connectors, so that their topics get every stored document again')
    .option('--files <paths...>', 'files or folders in which they are described (default: connect/connectors)')
    .addOption(brokersOption())
    .addOption(secretsOption())
    .addOption(yesOption())
    .addOption(waitOption('CONNECT_REFILL_WITHIN_MS, else 3600'))
    .action((names, options) => run(options, (context) => refillConnectors(names, options, context)));

  const offsets = verb('offsets', 'show or reset the offsets of connectors');
  offsets
    .command('show')
    .description('show the offsets of connectors')
    .copyInheritedSettings(root)
    .argument('[names...]', 'names of connectors (default: all of connect/connectors)')
    .addOption(workerOption())
    .addOption(outputOption())
    .action((names, options) => run(options, (context) => showOffsets(names, context)));
  byNames(
    'reset',
    'reset the offsets of stopped connectors; a resumed connector copies its whole collection again',
    offsets,
  )
    .addOption(yesOption())
    .action((names, options) => run(options, (context) => reset(names, options, context)));

  return root;
}
