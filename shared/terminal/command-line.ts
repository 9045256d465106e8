// The frame of a command line: its program, the options that all verbs share, and one place where an error becomes an exit code.
// It reads nothing from the process; the caller passes in the streams.
import { Command, Option } from '@commander-js/extra-typings';
import { exitCodeOf, exitCodes } from './command-failure.ts';
import { commandOutput, type Output } from './open-output.ts';

/** Help is as wide wherever it is read. */
const helpChars = 120;

type Streams = Pick<Output, 'stdout' | 'stderr' | 'colors'>;

/** Runs a verb with what the options say. */
export type Run<Options, Context> = (options: Options, verb: (context: Context) => Promise<number>) => Promise<void>;

/** The action of a verb with one argument, which may be a list. */
export const acting =
  <Shared, Context>(run: Run<Shared, Context>) =>
  <Subject, Options>(work: (subject: Subject, context: Context, options: Options) => Promise<number>) =>
  (subject: Subject, options: Options & Shared) =>
    run(options, (context) => work(subject, context, options));

interface CommandLine<Options, Context> {
  /** As it is typed, for example `connect`. */
  readonly name: string;
  readonly description: string;
  /** Exit codes, environment and examples; it stands below the verbs. */
  readonly help: string;
  readonly contextOf: (options: Options) => Context;
  readonly addVerbs: (root: Command, run: Run<Options, Context>) => void;
  /** Of failures that do not end with 1. */
  readonly codes?: Readonly<Record<string, number>>;
}

/**
 * Runs one command line; help and faults go to the streams.
 * @param args without node and script
 * @returns the exit code; everything expected is told on stderr, anything else is thrown
 */
export async function runCommandLine<Options, Context>(
  { name, description, help, contextOf, addVerbs, codes }: CommandLine<Options, Context>,
  args: readonly string[],
  streams: Streams,
): Promise<number> {
  let code: number = exitCodes.ok;
  const root = new Command(name)
    .description(description)
    .addHelpText('after', help)
    .exitOverride()
    .configureOutput({
      ...commandOutput(streams),
      getOutHelpWidth: () => helpChars,
      getErrHelpWidth: () => helpChars,
    })
    .showHelpAfterError(`(npm run ${name} -- --help shows how)`);
  addVerbs(root, async (options, verb) => {
    code = await verb(contextOf(options));
  });
  try {
    await root.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    return exitCodeOf(error, args, streams, codes);
  }
}

export const outputOption = () =>
  new Option('-o, --output <format>', 'the form of the result')
    .choices(['text', 'json'] as const)
    .default('text' as const);

export const yesOption = () => new Option('-y, --yes', 'do not ask for confirmation');
