// user-service as a process of its own, for what only a process can show: being killed, and refusing to start.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

const server = resolve(process.cwd(), 'user-service/dist/src/server.js');
const startMs = 30_000;

export interface ServiceProcess {
  readonly url: string;
  /** Every line that it wrote so far. */
  readonly said: readonly string[];
  /** The signal or the exit code that the process ended with. */
  readonly ended: Promise<NodeJS.Signals | number>;
  stop(): Promise<void>;
}

type Environment = Readonly<Record<string, string>>;

function spawned(env: Environment): { child: ChildProcess; ended: Promise<NodeJS.Signals | number> } {
  const child = spawn(process.execPath, [server], {
    // Nothing of the test's own environment but what a process needs: a setting left over there would be read.
    env: {
      PATH: process.env.PATH ?? '',
      USER_SERVICE_PORT: '0',
      LOG_LEVEL: 'info',
      VERIFICATION_EVERY_MS: '0',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // A test that failed half-way must not leave its process behind.
  process.once('exit', () => child.kill('SIGKILL'));
  const ended = once(child, 'exit').then(([code, signal]) => (signal ?? code) as NodeJS.Signals | number);
  return { child, ended };
}

/** Resolves when the process says that it is ready. @throws Error with what it said when it ends before that */
export async function startServiceProcess(env: Environment): Promise<ServiceProcess> {
  const { child, ended } = spawned(env);
  const said: string[] = [];
  const url = await new Promise<string>((ready, failed) => {
    const timer = setTimeout(() => failed(new Error(`The service was not ready within ${startMs} ms.`)), startMs);
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        said.push(line);
        const found = /"url":"([^"]+)"/.exec(line)?.[1];
        if (found) ready(found);
      });
    }
    void ended.then((how) => failed(new Error(`The service ended with ${how}: ${said.join('\n')}`)));
    void ended.finally(() => clearTimeout(timer));
  });
  return {
    url,
    said,
    ended,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Runs the process to its end, for starts that must be refused. */
export async function refusedStart(env: Environment): Promise<{ code: NodeJS.Signals | number; said: string }> {
  const { child, ended } = spawned(env);
  const parts: Buffer[] = [];
  child.stderr?.on('data', (part: Buffer) => parts.push(part));
  const timer = setTimeout(() => child.kill('SIGKILL'), startMs);
  const code = await ended;
  clearTimeout(timer);
  return { code, said: Buffer.concat(parts).toString('utf8').trim() };
}
