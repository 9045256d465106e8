// `npm start` as a person runs it: the process, what it prints, and its end.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const root = resolve(__dirname, '..', '..', '..');
const run = promisify(execFile);
const running = new Set<Started>();

/** Ends what a failed test left running, so that the next one meets no other system in its folder. */
export async function endWhatRuns(): Promise<void> {
  for (const started of running) started.signal('SIGTERM');
  await Promise.all([...running].map(({ exitCode }) => exitCode));
}

export interface Started {
  readonly output: () => string;
  /** Resolves with the ready line's JSON. @throws with all output when the process ends before. */
  whenReady(limitMs: number): Promise<Record<string, string | null>>;
  /** Resolves once the output matches. @throws with all output when the process ends before. */
  whenPrinted(what: RegExp, limitMs: number): Promise<RegExpExecArray>;
  signal(signal: NodeJS.Signals): void;
  readonly exitCode: Promise<number | null>;
}

export async function temporaryDataDir(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'foldline-start-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Starts the built entry of `npm start` with these arguments; the environment is the caller's plus `env`. */
export function startSystemProcess(args: readonly string[], env: Readonly<Record<string, string>>): Started {
  const child = spawn(process.execPath, [join(root, 'system', 'dist', 'start.js'), ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const collect = (chunk: Buffer) => {
    text += chunk.toString('utf8');
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const exitCode = new Promise<number | null>((done) => child.once('exit', done));
  const started: Started = {
    output: () => text,
    signal: (signal) => void child.kill(signal),
    exitCode,
    whenPrinted: (what, limitMs) => printed(child, () => text, what, limitMs),
    async whenReady(limitMs) {
      const [, line = ''] = await printed(child, () => text, /^ready (\{.*\})$/m, limitMs);
      return JSON.parse(line) as Record<string, string | null>;
    },
  };
  running.add(started);
  void exitCode.then(() => running.delete(started));
  return started;
}

function printed(child: ChildProcess, text: () => string, what: RegExp, limitMs: number): Promise<RegExpExecArray> {
  return new Promise((done, fail) => {
    const timer = setTimeout(() => fail(new Error(`nothing like ${what} within ${limitMs} ms:\n${text()}`)), limitMs);
    const look = () => {
      const match = what.exec(text());
      if (!match) return;
      clearTimeout(timer);
      done(match);
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(new Error(`ended with ${code} before it printed ${what}:\n${text()}`));
    });
  });
}

/** The printed `curl` lines, run as printed; each line's answers as parsed JSON. */
export async function runPrintedExamples(output: string): Promise<Record<string, unknown>[]> {
  const answers: Record<string, unknown>[] = [];
  for (const line of output.split('\n').filter((text) => text.startsWith('curl '))) {
    const { stdout } = await run('sh', ['-c', line.replaceAll(';', '; echo;')]);
    for (const body of stdout.split('\n').filter((text) => text.trim() !== '')) answers.push(JSON.parse(body));
  }
  return answers;
}

/**
 * What commands print in a terminal in which the printed `export` line was pasted.
 * @throws Error with what was printed, when one of them fails
 */
export async function runAfterExport(output: string, commands: readonly string[]): Promise<string> {
  const [line] = /^export .+$/m.exec(output) ?? [];
  if (line === undefined) throw new Error(`There is no line that begins with export in:\n${output}`);
  const { PATH, HOME } = process.env;
  const { stdout } = await run('sh', ['-ec', [line, ...commands].join('\n')], { cwd: root, env: { PATH, HOME } });
  return stdout;
}

/** Kills a process of the start, as an accident does, and waits until the start says that another runs in its place. */
export async function killAndWait(started: Started, dataDir: string, name: string, limitMs: number): Promise<void> {
  const { pid } = JSON.parse(await readFile(join(dataDir, 'pids', `${name}.json`), 'utf8')) as { pid: number };
  process.kill(pid, 'SIGKILL');
  await started.whenPrinted(new RegExp(`^${name} runs again, after`, 'm'), limitMs);
  expect(started.output()).toContain(`${name} does not run (it ended with signal SIGKILL): it is started again in`);
}

/** Names of the processes that a start recorded in its data folder and that it has not ended. */
export async function recordedProcesses(dataDir: string): Promise<string[]> {
  return (await readdir(join(dataDir, 'pids')).catch(() => [])).filter((name) => name.endsWith('.json'));
}
