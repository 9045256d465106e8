// The operator's command line: its table of verbs, its help, and one place where an error becomes an exit code.
// It reads nothing from the process itself; `main.ts` passes in the environment, the streams and the terminal.
import { Command } from '@commander-js/extra-typings';
import { commandOutput, exitCodeOf, exitCodes } from '../terminal/index.ts';
import { readConfig } from './config.ts';
import { type Context, type Surroundings, servicesFor } from './context.ts';
import { addHeldVerb } from './verbs/held.ts';
import { addPauseVerbs } from './verbs/pause.ts';
import { addRebuildVerb } from './verbs/rebuild.ts';
import { addStatusVerb } from './verbs/status.ts';
import type { AddVerb, SharedOptions } from './verbs/verb.ts';
import { addVerifyVerb } from './verbs/verify.ts';

/** One file for each; services bring others. */
const ownVerbs: readonly AddVerb[] = [addStatusVerb, addPauseVerbs, addHeldVerb, addRebuildVerb, addVerifyVerb];

const help = `
Exit codes: 0 ok, 1 error, 2 usage, 4 done but not well (something is still held, or differs).
Data goes to stdout, messages to stderr. Environment: USER_SERVICE_URL, SHOPPING_SERVICE_URL, ADMIN_TOKEN.

Examples:
  npm run admin -- status                                 every projection: how far behind, how fast, held, proved
  npm run admin -- pause shop --reason 'a migration'       nothing is folded, until
  npm run admin -- resume shop
  npm run admin -- held list                              what is held, in both services
  npm run admin -- held show <key>                        and what a retry would make of it
  npm run admin -- held retry <key>                       after its cause was mended
  npm run admin -- held retry-all --service shopping-service
  npm run admin -- held dismiss user-events/0@17          a place that holds no event
  npm run admin -- held list -o json
  npm run admin -- verify                                 which models there are
  npm run admin -- verify customers                       whether they equal users, and what differs
  npm run admin -- verify customers --repair
  npm run admin -- rebuild customers                      a new generation beside the live one
  npm run admin -- rebuild compare customers
  npm run admin -- rebuild switch customers               and back: rebuild rollback customers

`;

/**
 * Runs one command line.
 * @param args without node and script
 * @param brought the verbs that services bring
 * @returns the exit code; everything expected is told on stderr, anything else is thrown
 */
export async function runCli(
  args: readonly string[],
  around: Surroundings,
  brought: readonly AddVerb[] = [],
): Promise<number> {
  let code: number = exitCodes.ok;
  const contextOf = (options: SharedOptions): Context => {
    const config = readConfig(around.env);
    return { ...around, config, format: options.output, services: servicesFor(options.service, config, around.signal) };
  };
  const root = program(around);
  for (const add of [...ownVerbs, ...brought]) {
    add(root, async (options, action) => {
      code = await action(contextOf(options));
    });
  }
  try {
    await root.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    return exitCodeOf(error, args, around, { usage: exitCodes.usage });
  }
}

function program(around: Surroundings) {
  return new Command('admin')
    .description(
      'Looks after running services: how far they are, what is held and what to do about it, whether models equal their sources, and what is brought in from outside.',
    )
    .addHelpText('after', help)
    .exitOverride()
    .configureOutput(commandOutput(around))
    .showHelpAfterError('(npm run admin -- --help shows how)');
}
