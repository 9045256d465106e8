#!/usr/bin/env node
// The executable `foldline`, with both command lines: `foldline connect <verb>` and `foldline admin <verb>`.
// In the repository `npm run connect -- <verb>` and `npm run admin -- <verb>` run the same.
import { exitCodes, runCliIn } from '../admin/index.ts';
import { type Lines, openTerminal, type Terminal } from '../terminal/index.ts';

const usage = [
  'Usage: foldline <connect|admin> [verb] [options]',
  '',
  'connect   deploys connectors to a Kafka Connect worker; foldline connect --help shows how',
  'admin     looks after running services; foldline admin --help shows how',
];

/** Help and advice are written as they are typed in this repository; elsewhere they name the executable, also in the usage. */
function calledByName(terminal: Terminal): Terminal {
  const renamed = (line: string) =>
    line
      .replaceAll(/npm run (connect|admin) --/g, 'npx foldline $1')
      .replace(/^Usage: (?=connect|admin)/, 'Usage: foldline ');
  const lines = (some: Lines): Lines => (typeof some === 'string' ? renamed(some) : some.map(renamed));
  return {
    ...terminal,
    stdout: (some) => terminal.stdout(lines(some)),
    stderr: (some) => terminal.stderr(lines(some)),
  };
}

/** Loaded when it is asked for: the drivers behind it take a second. */
async function connect(args: readonly string[], terminal: Terminal): Promise<number> {
  return (await import('../connect/index.ts')).runCli(args, terminal);
}

const [command, ...args] = process.argv.slice(2);
const opened = openTerminal(process);
const isNpmRun = command !== undefined && process.env.npm_lifecycle_event === command;
const terminal = isNpmRun ? opened : calledByName(opened);

if (command === 'connect') process.exitCode = await connect(args, terminal);
else if (command === 'admin') process.exitCode = await runCliIn(process.cwd(), args, terminal);
else {
  const isAsked = command === '--help' || command === '-h';
  terminal[isAsked ? 'stdout' : 'stderr'](usage);
  process.exitCode = isAsked ? exitCodes.ok : exitCodes.usage;
}
