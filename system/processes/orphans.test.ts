// Goal: what a crashed start left is ended in order; nobody else's process is ever touched.
// Method: detached children of the test under records that name a dead owner, a living one, or another start mark.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endOrphans } from './orphans.ts';
import { type PidRecord, writePidFile } from './pid-files.ts';
import { markFromStat, processMark } from './process-mark.ts';

let folder: string;
const children: ChildProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'foldline-orphans-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

const orphan = async (name: string, role: PidRecord['role'], changes: Partial<PidRecord> = {}): Promise<number> => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' });
  children.push(child);
  const pid = child.pid ?? 0;
  const mark = (await processMark(pid)) ?? '';
  // No process has the mark "gone": the owner was killed and its pid is now somebody else's.
  writePidFile(folder, { name, role, pid, mark, ownerPid: process.pid, ownerMark: 'gone', ...changes });
  return pid;
};

test('services are ended first and servers last, and their files removed', async () => {
  const database = await orphan('mongod', 'server');
  const worker = await orphan('connect', 'worker');
  const service = await orphan('user-service', 'service');
  expect(await endOrphans(folder)).toEqual([
    { name: 'user-service', pid: service },
    { name: 'connect', pid: worker },
    { name: 'mongod', pid: database },
  ]);
  for (const pid of [database, worker, service]) expect(await processMark(pid)).toBeNull();
  expect(await readdir(folder)).toEqual([]);
});

test('a pid that was given to another process is left alone', async () => {
  const pid = await orphan('kafka', 'server', { mark: 'another boot:1' });
  expect(await endOrphans(folder)).toEqual([]);
  expect(await processMark(pid)).not.toBeNull();
  expect(await readdir(folder)).toEqual([]);
});

test('while the owner lives nothing is ended, and the sentence names it', async () => {
  const pid = await orphan('kafka', 'server', { ownerMark: (await processMark(process.pid)) ?? '' });
  await expect(endOrphans(folder)).rejects.toThrow(`was started by process ${process.pid}, which still runs`);
  expect(await processMark(pid)).not.toBeNull();
});

test('a file that is no record is named, not guessed about', async () => {
  await writeFile(join(folder, 'kafka.json'), '{"pid":');
  await expect(endOrphans(folder)).rejects.toThrow(/the pid file kafka\.json in .* cannot be read/);
});

test('no folder is no orphans', async () => {
  expect(await endOrphans(join(folder, 'never'))).toEqual([]);
});

test('the start mark is read behind a program name with blanks and brackets; a zombie has none', () => {
  const fields = ['S', ...Array.from({ length: 18 }, (_, index) => String(index)), '987654', '0'].join(' ');
  expect(markFromStat(`12 (a) b (c) ${fields}`, 'boot')).toBe('boot:987654');
  expect(markFromStat(`12 (x) ${fields.replace('S', 'Z')}`, 'boot')).toBeNull();
});
