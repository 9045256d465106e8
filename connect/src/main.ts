// The process around the command line: its streams, its terminal, its signals. Run by `npm run connect -- <verb>`.
import { createInterface } from 'node:readline/promises';
import { text as wholeText } from 'node:stream/consumers';
import pc from 'picocolors';
import { runCli } from './cli.ts';
import { isConnectFailure } from './failure.ts';

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

try {
  process.exitCode = await runCli(process.argv.slice(2), {
    env: process.env,
    stdout: (text) => process.stdout.write(`${text}\n`),
    stderr: (text) => process.stderr.write(`${text}\n`),
    stdin: () => wholeText(process.stdin),
    // Colours would end up as stray characters in a file or another program.
    colors: pc.createColors(process.stdout.isTTY === true && !process.env.NO_COLOR),
    confirm: atTerminal ? confirm : undefined,
    signal: ending.signal,
  });
} catch (error) {
  if (!isConnectFailure(error)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
