// The command line: verbs, options, help, and one place where an error becomes an exit code.
// It reads nothing from the process itself; `main.ts` passes in the environment, the streams and the terminal.
import { Command, CommanderError, Option } from '@commander-js/extra-typings';
import { apply, type Context, exitCodes, plan, remove, type Surroundings, status, validate } from './commands.ts';
import { readConfig } from './config.ts';
import { isConnectFailure } from './failure.ts';
import type { Format } from './output.ts';

interface SharedOptions {
  readonly url?: string | undefined;
  readonly brokers?: string | undefined;
  readonly secretsDir?: string | undefined;
  readonly output: Format;
}

const filesHelp = 'connector files, or folders of them (default: connect/connectors)';

const help = `
Exit codes: 0 ok, 1 error, 2 usage, 3 changes pending (plan), 4 applied but not healthy.
Data goes to stdout, messages to stderr. Environment: CONNECT_URL, KAFKA_BROKERS, CONNECT_SECRETS_DIR.

Examples:
  npm run connect -- plan                                 what would change
  npm run connect -- apply --yes                          topics, then connectors, then wait until all run
  npm run connect -- apply connect/connectors/user-events.json --dry-run
  npm run connect -- status -o json
  npm run connect -- validate                             files, and the worker's opinion when it is up
  npm run connect -- delete user-snapshots --yes
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

/**
 * Runs one command line.
 * @param args without node and script.
 * @returns the exit code; everything expected is told on stderr, anything else is thrown.
 */
export async function runCli(args: readonly string[], around: Surroundings): Promise<number> {
  let code: number = exitCodes.ok;
  const contextOf = (options: SharedOptions): Context => ({
    ...around,
    config: readConfig(around.env, options),
    format: options.output,
  });
  try {
    await program(around, async (options, verb) => {
      code = await verb(contextOf(options));
    }).parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError)
      return error.exitCode === 0 && args.length > 0 ? exitCodes.ok : exitCodes.usage;
    if (!isConnectFailure(error)) throw error;
    around.stderr(around.colors.red(error.message));
    return error.code === 'not-healthy' ? exitCodes.notHealthy : exitCodes.error;
  }
}

type Run = (options: SharedOptions, verb: (context: Context) => Promise<number>) => Promise<void>;

function program({ stdout, stderr }: Surroundings, run: Run) {
  const line = (write: (text: string) => void) => (text: string) => write(text.replace(/\n$/, ''));
  const root = new Command('connect')
    .description('Deploys the connectors of connect/connectors to a Kafka Connect worker.')
    .addHelpText('after', help)
    .exitOverride()
    .configureOutput({ writeOut: line(stdout), writeErr: line(stderr) })
    .showHelpAfterError('(npm run connect -- --help shows how)');
  const verb = (name: string, description: string) =>
    root.command(name).description(description).copyInheritedSettings(root);

  verb('plan', 'show what apply would change; changes nothing')
    .argument('[files...]', filesHelp)
    .addOption(workerOption())
    .addOption(brokersOption())
    .addOption(secretsOption())
    .addOption(outputOption())
    .action((files, options) => run(options, (context) => plan(files, context)));

  verb('apply', 'create topics and connectors or bring them up to date, and wait until every task runs')
    .argument('[files...]', filesHelp)
    .addOption(workerOption())
    .addOption(brokersOption())
    .addOption(secretsOption())
    .addOption(outputOption())
    .option('-y, --yes', 'do not ask, not even on a terminal')
    .option('--dry-run', 'do as plan does')
    .action((files, options) => run(options, (context) => apply(files, options, context)));

  verb('status', 'show whether the connectors and their tasks run')
    .argument('[files...]', filesHelp)
    .addOption(workerOption())
    .addOption(secretsOption())
    .addOption(outputOption())
    .action((files, options) => run(options, (context) => status(files, context)));

  verb('validate', 'check the files and, when a worker answers, ask it for errors and unknown keys')
    .argument('[files...]', filesHelp)
    .addOption(workerOption())
    .addOption(secretsOption())
    .addOption(outputOption())
    .action((files, options) => run(options, (context) => validate(files, context)));

  verb('delete', 'take connectors off the worker; their topics and offsets stay')
    .argument('<names...>', 'names of connectors')
    .addOption(workerOption())
    .addOption(outputOption())
    .option('-y, --yes', 'do not ask, not even on a terminal')
    .action((names, options) => run(options, (context) => remove(names, options, context)));

  return root;
}
