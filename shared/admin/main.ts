// The command line in a process of its own. Run by `npm run admin -- <verb>`.
import { openTerminal } from '../terminal/index.ts';
import { runCliIn } from './folder.ts';

process.exitCode = await runCliIn(process.cwd(), process.argv.slice(2), openTerminal(process));
