// The operator's command line: its table of verbs, its help, and one place where an error becomes an exit code.
// It reads nothing from the process itself; `main.ts` passes in the environment, the streams and the terminal.
import { Command } from '@commander-js/extra-typings';
import { commandOutput, exitCodeOf, exitCodes } from '../terminal/index.ts';
import { readConfig } from './config.ts';
import type { Context, Surroundings } from './context.ts';
import { addressesOf } from './known-services.ts';
import { type ServiceClient, serviceClient } from './service-client.ts';
import type { GivenServices } from './services-file.ts';
import { addHeldVerb } from './verbs/held.ts';
import { addPauseVerbs } from './verbs/pause.ts';
import { addRebuildVerb } from './verbs/rebuild.ts';
import { addStatusVerb } from './verbs/status.ts';
import type { AddVerb, SharedOptions } from './verbs/verb.ts';
import { addVerifyVerb } from './verbs/verify.ts';

/** One file for each; services bring others. */
const ownVerbs: readonly AddVerb[] = [addStatusVerb, addPauseVerbs, addHeldVerb, addRebuildVerb, addVerifyVerb];

const help = `
Exit codes: 0 ok, 1 error (a service that was not reached, too), 2 usage, 4 done but not well (something is still held, or differs).
Data goes to stdout, messages to stderr.

A service is found by --service <name>=<url>, else by its setting <NAME>_URL, such as USER_SERVICE_URL, else by the file of
--services; without that file by what npm start wrote into DATA_DIR, else by what package.json names. Each service is asked what
it offers. The token is ADMIN_TOKEN, or the variable that the file of --services names for a service.

Examples:
  npm run admin -- status                                 every projection: how far behind, how fast, held, proved
  npm run admin -- status --service mailing-service=http://127.0.0.1:3003
  npm run admin -- held list --services services.json     a file: { "mailing-service": { "url": "http://…" } }
  npm run admin -- pause shop --reason 'a migration'       nothing is folded, until
  npm run admin -- resume shop
  npm run admin -- held list                              what is held, in every service
  npm run admin -- held show <key>                        and what a retry would make of it
  npm run admin -- held retry <key>                       after its cause was removed
  npm run admin -- held retry-all --service shopping-service
  npm run admin -- held dismiss user-events/0@17          a place that holds no event
  npm run admin -- held list -o json
  npm run admin -- verify                                 which models there are
  npm run admin -- verify customers                       whether they equal users, and what differs
  npm run admin -- verify customers --repair
  npm run admin -- verify shopping-service/customers      where several services have a model of that name
  npm run admin -- rebuild customers                      a new generation beside the live one
  npm run admin -- rebuild compare customers
  npm run admin -- rebuild switch customers               and back: rebuild rollback customers

`;

/** What a folder adds to the command line. */
export interface Brought {
  readonly verbs?: readonly AddVerb[];
  /** Where its services listen, unless something else says otherwise. */
  readonly services?: GivenServices;
}

/**
 * Runs one command line.
 * @param args without node and script
 * @returns the exit code; everything expected is told on stderr, anything else is thrown
 */
export async function runCli(
  args: readonly string[],
  around: Surroundings,
  { verbs = [], services: ofFolder = {} }: Brought = {},
): Promise<number> {
  let code: number = exitCodes.ok;
  const contextOf = (options: SharedOptions): Context => {
    const { service: chosen = [], services: file, output: format } = options;
    const config = readConfig(around.env, Object.keys(ofFolder));
    let clients: readonly ServiceClient[] | undefined;
    const services = () => {
      const addresses = () => addressesOf({ chosen, file, ofFolder }, config, around.env);
      clients ??= addresses().map((address) => serviceClient(address, config, around.signal));
      return clients;
    };
    return { ...around, config, format, services };
  };
  const root = program(around);
  for (const add of [...ownVerbs, ...verbs]) {
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
      'Operates running services: shows their progress, retries held subjects, verifies and rebuilds models, and imports data of other tools.',
    )
    .addHelpText('after', help)
    .exitOverride()
    .configureOutput(commandOutput(around))
    .showHelpAfterError('(npm run admin -- --help shows how)');
}
