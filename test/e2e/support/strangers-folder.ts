// A folder outside the repository, as a team has one: the packed package is installed from its file, and the team's source is compiled.
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '..', '..', '..');
const source = join(root, 'test', 'e2e', 'strangers');
const installLimitMs = 180_000;
const commandLimitMs = 120_000;
const outputShownMax = 4000;

export interface CommandRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StrangersFolder {
  readonly path: string;
  /** Runs a command of the folder to its end, with no more of the environment than a shell has, and these variables. */
  run(command: string, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<CommandRun>;
  remove(): Promise<void>;
}

/** @throws Error with the last lines of the command that failed */
export async function openStrangersFolder(): Promise<StrangersFolder> {
  const path = await mkdtemp(join(tmpdir(), 'foldline-strangers-'));
  try {
    await cp(source, path, { recursive: true });
    const pack = ['pack', '--ignore-scripts', '--json', '--workspace', 'shared', '--pack-destination', path];
    const [{ filename }] = JSON.parse(await succeeded(root, 'npm', pack, commandLimitMs)) as [{ filename: string }];
    await writeFile(join(path, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
    await succeeded(path, 'npm', ['install', ...installFlags, `./${filename}`, ...(await besides())], installLimitMs);
  } catch (error) {
    await rm(path, { recursive: true, force: true });
    throw error;
  }
  return {
    path,
    run: (command, args, env = {}) => execute(path, command, args, { limitMs: commandLimitMs, env }),
    remove: () => rm(path, { recursive: true, force: true }),
  };
}

/** The fetches are logged, so that a failed test says how far a slow registry came. */
const installFlags = ['--no-audit', '--no-fund', '--loglevel=http'];

/** The peers in the versions that the package asks for, and what a team compiles with. */
async function besides(): Promise<string[]> {
  const manifestIn = async (folder: string) => JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8'));
  const { peerDependencies } = await manifestIn('shared');
  const { devDependencies } = await manifestIn('.');
  const tools = ['typescript', '@types/node'].map((name) => [name, devDependencies[name]]);
  return [...Object.entries(peerDependencies), ...tools].map(([name, version]) => `${name}@${version}`);
}

async function succeeded(cwd: string, command: string, args: readonly string[], limitMs: number): Promise<string> {
  const { code, stdout, stderr } = await execute(cwd, command, args, { limitMs, env: {} });
  if (code === 0) return stdout;
  const said = `${stdout}\n${stderr}`.slice(-outputShownMax);
  throw new Error(`${command} ${args.join(' ')} ended with ${code} within ${limitMs} ms. At last it said:\n${said}`);
}

interface Execution {
  readonly limitMs: number;
  readonly env: Readonly<Record<string, string>>;
}

function execute(
  cwd: string,
  command: string,
  args: readonly string[],
  { limitMs, env }: Execution,
): Promise<CommandRun> {
  return new Promise((done) => {
    const options = { cwd, env: { ...around(), ...env }, timeout: limitMs, maxBuffer: 67_108_864 };
    execFile(command, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      done({ code, stdout, stderr });
    });
  });
}

/** Without what the npm around the tests says of its own run, and without addresses of servers. */
function around(): NodeJS.ProcessEnv {
  const ofRun =
    /^(npm_(lifecycle|package|command|config_(local_prefix|workspaces?|include_workspace_root)$)|INIT_CWD$)/;
  const ofServers = /^(NODE_ENV|MONGODB_URI|KAFKA_|CONNECT_|ADMIN_|API_TOKENS|DATA_DIR)/;
  const kept = Object.entries(process.env).filter(([name]) => !ofRun.test(name) && !ofServers.test(name));
  return Object.fromEntries(kept);
}
