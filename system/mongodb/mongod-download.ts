// A mongod from MongoDB's own download host, by mongodb-memory-server.
// Runs in a child process: its download cannot be cancelled, prints progress, and fails slowly on a closed network.
import { withoutSecrets } from '../config.ts';
import { SystemFailure } from '../failure.ts';
import { systemFolder } from '../own-folder.ts';
import { runCommand } from '../processes/commands.ts';

const DOWNLOAD_LIMIT_MS = 180_000;
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
    timeoutMs: DOWNLOAD_LIMIT_MS,
    signal,
  });
  const line = stdout.split('\n').find((each) => each.startsWith(ANSWER));
  if (!line) throw new SystemFailure('the memory server ended without naming a binary');
  return line.slice(ANSWER.length).trim();
};
