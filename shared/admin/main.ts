// The command line in a process of its own, with the verbs that services bring. Run by `npm run admin -- <verb>`.
import { openTerminal } from '../terminal/index.ts';
import { runCli } from './cli.ts';
import type { AddVerb } from './verbs/verb.ts';

/** What brings verbs. They are found by name when the process runs: the command line is built before any service. */
const bringers = ['@foldline/user-service/admin'];

async function verbsOf(bringer: string): Promise<readonly AddVerb[]> {
  const { verbs } = (await import(bringer)) as { readonly verbs: readonly AddVerb[] };
  return verbs;
}

process.exitCode = await runCli(
  process.argv.slice(2),
  openTerminal(process),
  (await Promise.all(bringers.map(verbsOf))).flat(),
);
