// The command line in a process of its own. Run by `npm run connect -- <verb>`.
import { openTerminal } from 'foldline/terminal';
import { runCli } from './cli.ts';

process.exitCode = await runCli(process.argv.slice(2), openTerminal(process));
