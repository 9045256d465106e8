// The operator's command line: its verbs and its help.
import { runCommandLine } from '../terminal/command-line.ts';
import { readConfig } from './config.ts';
import type { Context, Surroundings } from './context.ts';
import { addressesOf, type GivenServices, startedFile } from './known-services.ts';
import { type ServiceClient, serviceClient } from './service-client.ts';
import { addHeldVerb } from './verbs/held.ts';
import { addPauseVerbs } from './verbs/pause.ts';
import { addRebuildVerb } from './verbs/rebuild.ts';
import { addRestoreCheckVerb } from './verbs/restore-check.ts';
import { addStatusVerb } from './verbs/status.ts';
import type { AddVerb, SharedOptions } from './verbs/verb.ts';
import { addVerifyVerb } from './verbs/verify.ts';

/** One file for each; services bring others. */
const ownVerbs: readonly AddVerb[] = [
  addStatusVerb,
  addPauseVerbs,
  addHeldVerb,
  addRebuildVerb,
  addVerifyVerb,
  addRestoreCheckVerb,
];

const help = `
Results go to stdout, messages go to stderr.
Exit codes: 0 ok, 1 error, also when a service was not reached, 2 usage, 4 done, but a subject is still held or a model
still differs, 130 stopped by Ctrl-C.

The address of a service comes from --service <name>=<url>, else from the setting <NAME>_URL, such as USER_SERVICE_URL,
else from the file of --services. Without --services it comes from the file that npm start wrote below DATA_DIR
(.foldline), else from package.json. Each service is asked which operations it offers. The token is ADMIN_TOKEN, or the
variable that the file of --services names.

Examples:
  npm run admin -- status                                 the gap, lag, rate and held subjects of every projection
  npm run admin -- status --service mailing-service=http://127.0.0.1:3003
  npm run admin -- held list --services services.json     a file: { "mailing-service": { "url": "http://…" } }
  npm run admin -- pause shop --reason 'a migration'      no event is folded until the projection is resumed
  npm run admin -- resume shop
  npm run admin -- held list                              what is held in every service
  npm run admin -- held show <key>                        the held subject, and the result that a retry would have
  npm run admin -- held retry <key>                       after the cause was removed
  npm run admin -- held retry-all --service shopping-service
  npm run admin -- held dismiss user-events/0@17          an offset that holds no event
  npm run admin -- held list -o json
  npm run admin -- verify                                 the models that can be verified
  npm run admin -- verify customers                       whether the model equals its source, and each difference
  npm run admin -- verify customers --repair
  npm run admin -- verify shopping-service/customers      where several services have a model of that name
  npm run admin -- rebuild customers                      a new generation beside the live one
  npm run admin -- rebuild compare customers
  npm run admin -- rebuild switch customers               and back: rebuild rollback customers

npm run admin -- <verb> --help shows the arguments and options of a verb.
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
  const contextOf = ({ service: chosen = [], services: file, output: format }: SharedOptions): Context => {
    const config = readConfig(around.env, Object.keys(ofFolder));
    let clients: readonly ServiceClient[] | undefined;
    const services = () => {
      if (clients) return clients;
      const addresses = addressesOf({ chosen, file, ofFolder }, config, around.env);
      if (addresses.some(({ isStarted }) => isStarted))
        around.stderr(around.colors.dim(`services at the addresses in ${startedFile(config.DATA_DIR)}`));
      clients = addresses.map((address) => serviceClient(address, config, around.signal));
      return clients;
    };
    return { ...around, config, format, services };
  };
  return runCommandLine(
    {
      name: 'admin',
      description:
        'Operates running services: shows their progress, retries held subjects, verifies and rebuilds models, and imports data of other tools.',
      help,
      contextOf,
      addVerbs: (root, run) => {
        for (const add of [...ownVerbs, ...verbs]) add(root, run);
      },
    },
    args,
    around,
  );
}
