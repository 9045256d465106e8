// Goal: what lies in DATA_DIR is for its owner alone, also in a folder of an earlier release, and folders of others are left alone.
// Method: real folders with the modes that are met; where the system refuses to change a mode, its call is replaced.
import { promises as fs } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { openDataDir } from './data-dir.ts';

let parent: string;
beforeEach(async () => {
  parent = await fs.mkdtemp(join(os.tmpdir(), 'foldline-data-dir-'));
});
afterEach(async () => {
  jest.restoreAllMocks();
  await fs.rm(parent, { recursive: true, force: true });
});

const modeOf = async (...path: string[]) => ((await fs.stat(join(parent, ...path))).mode & 0o7777).toString(8);

/** As an earlier release left it: `mkdir` under the usual umask of 022. */
async function folder(path: string, mode = 0o755): Promise<string> {
  await fs.mkdir(join(parent, path), { recursive: true });
  await fs.chmod(join(parent, path), mode);
  return join(parent, path);
}

test('a new one is made for its owner alone, and so are the folders above it that were missing', async () => {
  await openDataDir(join(parent, 'srv', 'foldline'));
  expect([await modeOf('srv'), await modeOf('srv', 'foldline')]).toEqual(['700', '700']);
});

test.each([0o755, 0o775, 0o701, 0o777, 0o1777])(
  'hazard: mode %o of an earlier release let others read it',
  async (mode) => {
    const dataDir = await folder('data', mode);
    for (const name of ['logs', 'kafka', 'imports']) await folder(join('data', name), mode);
    await openDataDir(dataDir);
    for (const name of ['.', 'logs', 'kafka', 'imports'])
      expect([name, await modeOf('data', name)]).toEqual([name, '700']);
  },
);

test('a folder that others keep things in stays as it is, and what is in it of Foldline is closed', async () => {
  const dataDir = await folder('tmp', 0o1777);
  await folder('tmp/of-others');
  await folder('tmp/secrets');
  await openDataDir(dataDir);
  expect(await modeOf('tmp')).toBe('1777');
  expect(await modeOf('tmp', 'of-others')).toBe('755');
  expect(await modeOf('tmp', 'secrets')).toBe('700');
});

describe('hazard: a folder of everybody, or of a person, was closed because nothing else lay in it', () => {
  test.each([
    ['homedir', 0o755, '.bashrc'],
    ['tmpdir', 0o1777, '.X11-unix'],
  ] as const)('%s with mode %o', async (place, mode, hidden) => {
    const dataDir = await folder('place', mode);
    await fs.symlink(dataDir, join(parent, 'link'));
    jest.spyOn(os, place).mockReturnValue(dataDir);
    const modeText = mode.toString(8);
    for (const name of [dataDir, join(parent, 'link')]) {
      await openDataDir(name);
      expect(await modeOf('place')).toBe(modeText);
    }
    await folder('place/logs');
    await openDataDir(dataDir);
    expect([await modeOf('place'), await modeOf('place', 'logs')]).toEqual([modeText, '700']);
    await folder(`place/${hidden}`);
    await openDataDir(dataDir);
    expect(await modeOf('place')).toBe(modeText);
  });

  test('what is hidden is of others, too: it is no home of this user, and a home all the same', async () => {
    const dataDir = await folder('home');
    await folder('home/.ssh', 0o700);
    await openDataDir(dataDir);
    expect(await modeOf('home')).toBe('755');
  });
});

test('hazard: a link in it leads to a folder of others, which is not closed but named', async () => {
  await folder('var-log');
  const dataDir = await folder('data', 0o700);
  await fs.symlink(join(parent, 'var-log'), join(dataDir, 'logs'));
  await expect(openDataDir(dataDir)).rejects.toThrow(/data\/logs is open to others \(mode 755\) and it is a link/);
  expect(await modeOf('var-log')).toBe('755');
  await fs.chmod(join(parent, 'var-log'), 0o700);
  await openDataDir(dataDir);
});

test.each<[string, () => Promise<void>, RegExp]>([
  ['of another owner', () => Promise.reject(Object.assign(new Error('no'), { code: 'EPERM' })), /\(EPERM\)/],
  ['on a read-only disk', () => Promise.reject(Object.assign(new Error('no'), { code: 'EROFS' })), /\(EROFS\)/],
  ['on a file system without modes', async () => {}, /its file system keeps no modes/],
])('one that cannot be closed is refused with the way out: %s', async (_, chmod, why) => {
  const dataDir = await folder('data');
  jest.spyOn(fs, 'chmod').mockImplementation(chmod);
  const refused = openDataDir(dataDir);
  await expect(refused).rejects.toThrow(why);
  await expect(refused).rejects.toThrow(/^DATA_DIR: .*\/data is open to others \(mode 755\).*chmod 700.*not there yet/);
  expect(await fs.readdir(dataDir)).toEqual([]);
});

test.each([
  ['below /proc, where no folder can be made', '/proc/foldline/data', /\(ENOENT\): name a folder/],
  ['below a file', '/dev/null/data', /\(ENOTDIR\): name a folder/],
])('one that cannot be made is named at once: %s', async (_, dataDir, why) => {
  await expect(openDataDir(dataDir)).rejects.toThrow(why);
});

test('one whose parents are not there yet is made with them', async () => {
  const dataDir = join(parent, 'a', 'b', 'data');
  await openDataDir(dataDir);
  expect(await modeOf('a/b/data')).toBe('700');
});

test('one that cannot be written is named before anything is written', async () => {
  const dataDir = await folder('data', 0o700);
  jest.spyOn(fs, 'access').mockRejectedValue(Object.assign(new Error('no'), { code: 'EACCES' }));
  await expect(openDataDir(dataDir)).rejects.toThrow(
    /^DATA_DIR: .*\/data cannot be written \(EACCES\): give this user the right/,
  );
});
