// One shell for the blocks of a page, one after the other: what a block sets is there in the next, and what it printed is known before
// the next one is begun.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';

const limitMs = 600_000;
const outputCharactersMax = 16 * 1024 * 1024;
const mark = '--- the end of the block';

/** The names of the blocks' files come on a channel of their own: a command that reads its input finds it empty. */
const loop = `set -euo pipefail; while read -r block <&3; do . "$block" < /dev/null; echo; echo '${mark}'; done`;

export interface PageShell {
  /** @returns what the block printed @throws Error with that, when a command of it failed */
  run(block: string): Promise<string>;
  close(): Promise<void>;
}

export async function openPageShell(cwd: string, env: NodeJS.ProcessEnv): Promise<PageShell> {
  const folder = await mkdtemp(join(tmpdir(), 'foldline-blocks-'));
  const options = { cwd, env: { ...process.env, ...env }, timeout: limitMs };
  const bash = spawn('bash', ['-c', loop], { ...options, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  const names = bash.stdio[3] as Writable;
  const ended = once(bash, 'close');
  let printed = '';
  let complaints = '';
  let heard = () => {};
  bash.stdout?.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
    heard();
  });
  bash.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  // A shell that a block ended is told of by the block.
  names.on('error', () => {});
  ended.then(
    () => heard(),
    () => heard(),
  );
  let blocks = 0;

  return {
    async run(block) {
      const file = join(folder, `${++blocks}.sh`);
      await writeFile(file, block);
      printed = '';
      names.write(`${file}\n`);
      await new Promise<void>((resolve) => {
        heard = () => {
          const isOver = bash.exitCode !== null || bash.signalCode !== null;
          if (isOver || printed.length > outputCharactersMax || printed.includes(mark)) resolve();
        };
        heard();
      });
      const end = printed.indexOf(mark);
      if (end < 0) throw new Error(`ended with ${bash.exitCode ?? bash.signalCode}:\n${printed}\n${complaints}`);
      return printed.slice(0, end);
    },
    async close() {
      names.end();
      bash.kill();
      await ended.catch(() => undefined);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
