// Runs a short command (pip, Maven, `java -version`) to its end, bounded in time and in output.
// For long-lived servers see processes.ts.

import { execFile } from 'node:child_process';
import { codeOf, reasonOf } from 'foldline/engine';
import { serverEnvironment } from '../config.ts';
import { SystemFailure } from '../failure.ts';

const OUTPUT_LIMIT_BYTES = 8 * 1024 * 1024;

/** One command; `timeoutMs` ends it with SIGKILL, `signal` ends it early. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly timeoutMs: number;
  readonly cwd?: string | undefined;
  /** Its whole environment; left out, what a server needs and nothing else. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs the command and returns what it printed.
 *
 * @throws SystemFailure when it is missing, ends with a code other than 0, or takes longer than `timeoutMs`;
 *   the message ends with its last output lines
 */
export const runCommand = ({ command, args, timeoutMs, cwd, env = serverEnvironment(), signal }: Command) =>
  new Promise<{ stdout: string; stderr: string }>((resolve, reject) => {
    const bounds = { timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: OUTPUT_LIMIT_BYTES } as const;
    const options = { cwd, env, signal, ...bounds };
    execFile(command, [...args], options, (error, stdout, stderr) => {
      if (!error) return resolve({ stdout, stderr });
      reject(new SystemFailure(describe(command, timeoutMs, error, `${stdout}\n${stderr}`), { cause: error }));
    });
  });

const describe = (command: string, timeoutMs: number, error: Error & { killed?: boolean }, output: string): string => {
  const code = codeOf(error);
  if (code === 'ENOENT') return `the command "${command}" is not there`;
  if (code === 'ABORT_ERR') return `the command "${command}" was stopped`;
  const said = lastLines(output, 8);
  const ending = said === '' ? '' : `: ${said}`;
  if (error.killed) return `the command "${command}" took longer than ${timeoutMs} ms${ending}`;
  return typeof code === 'number'
    ? `the command "${command}" ended with code ${code}${ending}`
    : `the command "${command}" failed: ${said || reasonOf(error)}`;
};

/** The last `count` lines of a text that are not blank. */
export const lastLines = (text: string, count: number): string =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-count)
    .join('\n');
