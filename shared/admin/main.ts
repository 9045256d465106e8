// The process around the command line: its streams, its terminal, its signals, and the verbs that services bring.
// Run by `npm run admin -- <verb>`.
import { createInterface } from 'node:readline/promises';
import pc from 'picocolors';
import { runCli } from './cli.ts';
import type { AddVerb } from './verbs/verb.ts';

/** What brings verbs. They are found by name when the process runs: the command line is built before any service. */
const bringers = ['@foldline/user-service/admin'];

const ending = new AbortController();
process.once('SIGINT', () => ending.abort());
process.once('SIGTERM', () => ending.abort());

// Whoever read enough, as `head` does, closes the pipe: that is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

const atTerminal = process.stdin.isTTY === true && process.stderr.isTTY === true;

async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} [y/N] `, { signal: ending.signal });
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    if (ending.signal.aborted) return false;
    throw error;
  } finally {
    terminal.close();
  }
}

async function verbsOf(bringer: string): Promise<readonly AddVerb[]> {
  const { verbs } = (await import(bringer)) as { readonly verbs: readonly AddVerb[] };
  return verbs;
}

process.exitCode = await runCli(
  process.argv.slice(2),
  {
    env: process.env,
    stdout: (text) => process.stdout.write(`${text}\n`),
    stderr: (text) => process.stderr.write(`${text}\n`),
    // To the start of the line, and nothing behind what is written.
    rewrite: process.stderr.isTTY === true ? (text) => process.stderr.write(`\r\u001b[K${text}`) : undefined,
    // Colours would end up as stray characters in a file or another program.
    colors: pc.createColors(process.stdout.isTTY === true && !process.env.NO_COLOR),
    confirm: atTerminal ? confirm : undefined,
    signal: ending.signal,
  },
  (await Promise.all(bringers.map(verbsOf))).flat(),
);
