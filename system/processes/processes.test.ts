// Goal: a started process is known by its pid file, ends within its grace, and leaves nothing.
// Method: small Node.js children that obey, ignore or cannot hear SIGTERM.
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { serverEnvironment } from '../config.ts';
import { processMark } from './process-mark.ts';
import { type ProcessSpec, startProcess } from './processes.ts';
import { whenReady } from './readiness.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'foldline-processes-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const spec = (script: string, stopGraceMs = 5_000): ProcessSpec => ({
  name: 'child',
  role: 'service',
  command: process.execPath,
  args: ['-e', script],
  logFile: join(folder, 'logs', 'child.log'),
  pidsDir: join(folder, 'pids'),
  stopGraceMs,
});

const logged = async (text: string): Promise<void> => {
  while (!(await readFile(join(folder, 'logs', 'child.log'), 'utf8')).includes(text)) await delay(10);
};

const WAITING = "console.log('up'); setInterval(() => {}, 1000);";
const STUBBORN = `process.on('SIGTERM', () => console.log('no')); ${WAITING}`;

test('its pid file carries pid and start mark, and goes with it', async () => {
  const child = await startProcess(spec(WAITING));
  const file = join(folder, 'pids', 'child.json');
  const record = JSON.parse(await readFile(file, 'utf8'));
  expect(record).toMatchObject({ name: 'child', role: 'service', pid: child.pid, ownerPid: process.pid });
  expect(record.mark).toBe(await processMark(child.pid));
  await child.close();
  expect(existsSync(file)).toBe(false);
  expect(await processMark(child.pid)).toBeNull();
});

test('close is SIGTERM first, and may be called again', async () => {
  const child = await startProcess(spec(`process.on('SIGTERM', () => process.exit(7)); ${WAITING}`));
  await logged('up');
  await Promise.all([child.close(), child.close()]);
  await child.close();
  expect(child.ended()).toEqual({ code: 7, signal: null });
});

test('who ignores SIGTERM is killed after the grace', async () => {
  const child = await startProcess(spec(STUBBORN, 100));
  await logged('up');
  await child.close();
  expect(child.ended()).toEqual({ code: null, signal: 'SIGKILL' });
});

test('a stopped process is woken to be ended', async () => {
  const child = await startProcess(spec(WAITING));
  await logged('up');
  child.kill('SIGSTOP');
  await child.close();
  expect(child.ended()).toEqual({ code: null, signal: 'SIGTERM' });
});

test('hazard: a server inherits the secrets of its starter', async () => {
  const child = await startProcess(spec(WAITING));
  const names = (await readFile(`/proc/${child.pid}/environ`, 'utf8'))
    .split('\0')
    .map((one) => one.split('=')[0] ?? '');
  await child.close();
  expect(names).toContain('PATH');
  // Jest sets this one for everything that it starts.
  expect(process.env.NODE_ENV).toBe('test');
  expect(names.filter((name) => name !== '' && !(name in serverEnvironment()))).toEqual([]);
});

test('it is the leader of its own group, so Ctrl-C in the terminal does not reach it', async () => {
  const child = await startProcess(spec(WAITING));
  expect(() => process.kill(-child.pid, 0)).not.toThrow();
  await child.close();
});

test('a command that is not there is one sentence', async () => {
  const missing = { ...spec(''), command: join(folder, 'nothing') };
  await expect(startProcess(missing)).rejects.toThrow(/^child cannot be started: spawn .*nothing ENOENT$/);
});

test('a server that dies before it is ready is reported with the end of its log', async () => {
  const server = await startProcess(spec("console.error('the disk is full'); process.exit(3);"));
  const probe = () => Promise.reject(new Error('no answer'));
  await expect(whenReady({ server, probe, limitMs: 10_000 })).rejects.toThrow(
    /^child ended with code 3 and its log .*child\.log ends with:\nthe disk is full$/,
  );
});

test('a server that is never ready is ended, and the last reason named', async () => {
  const server = await startProcess(spec(WAITING));
  const probe = () => Promise.reject(new Error('still loading'));
  await expect(whenReady({ server, probe, limitMs: 50 })).rejects.toThrow(/not ready within 50 ms \(still loading\)/);
  expect(server.ended()).not.toBeNull();
});

test('an aborted start ends the server', async () => {
  const server = await startProcess(spec(WAITING));
  const probe = () => Promise.reject(new Error('still loading'));
  const signal = AbortSignal.timeout(50);
  await expect(whenReady({ server, probe, limitMs: 10_000, signal })).rejects.toThrow('the start of child was stopped');
  expect(server.ended()).not.toBeNull();
});

test('what is told of a process that ended are its own lines, not those of an earlier one in the same log', async () => {
  const first = await startProcess(spec(WAITING));
  await logged('up');
  await first.close();
  const server = await startProcess(spec("console.log('the port is taken'); process.exit(1);"));
  const refused = whenReady({ server, probe: () => Promise.reject(new Error('no answer')), limitMs: 5_000 });
  await expect(refused).rejects.toThrow(
    /^child ended with code 1 and its log \S+child\.log ends with:\n\s*the port is taken$/,
  );
});
