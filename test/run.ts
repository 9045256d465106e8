// `npm test`: everything that must hold, in one command. Unit tests, then what needs a real mongod, then the whole system on
// real MongoDB, Kafka and Connect. Ends with one line that counts, and with exit 1 when anything failed or nothing ran.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endOrphans, kafkaAvailability, systemSettings } from '@foldline/system';
import { startSharedServers } from './e2e/support/shared-servers.ts';

interface Count {
  readonly passed: number;
  readonly failed: number;
}

/** What hangs is ended and counted as failed; each phase takes a few minutes at most where it works. */
const phaseLimitMs = { style: 120_000, compose: 300_000, unit: 300_000, store: 900_000, e2e: 2_400_000 };

/** Full figures take hours where the usual ones take minutes. */
const fullTakesLonger = 12;

const help = `Usage: npm test [-- --embedded | --full]

Runs the style check and all tests. The end-to-end tests need Java 17+ and Maven.
  --embedded   leaves out what needs Java: the tests on real Kafka and Kafka Connect
  --full       the full figures of every test; takes hours, and is a part of npm run soak`;

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes('--help')) return console.log(help);
  const unknown = args.find((arg) => arg !== '--embedded' && arg !== '--full');
  if (unknown !== undefined) throw new Error(`The option ${unknown} is not known.\n\n${help}`);
  const embedded = args.includes('--embedded');
  const full = args.includes('--full');
  if (!embedded) await insistOnJava();

  const folder = await mkdtemp(join(tmpdir(), 'foldline-test-'));
  await mkdir(temporary(folder));
  const counts: Count[] = [];
  const leftOut: string[] = [];
  if (embedded) leftOut.push('because of --embedded: the end-to-end tests on real Kafka and Kafka Connect');
  try {
    counts.push(await style());
    const loaded = await compose();
    if (loaded) counts.push(loaded);
    else leftOut.push('without Go: loading docker-compose.yml with the parser of Compose');
    counts.push(await jest('unit', [], { folder, full }));
    // A third of their time is waiting for the disk.
    counts.push(await jest('store', ['--maxWorkers=3'], { folder, full }));
    counts.push(await endToEnd(embedded, { folder, full }));
  } finally {
    await endWhatIsLeft(folder);
    await rm(folder, { recursive: true, force: true });
  }
  for (const one of leftOut) console.log(`Left out, ${one}.`);
  const passed = counts.reduce((sum, count) => sum + count.passed, 0);
  const failed = counts.reduce((sum, count) => sum + count.failed, 0);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
}

/** Most of their time is waiting for each other's processes, so that two files go on beside each other. */
const filesAtOnce = 2;

async function endToEnd(embedded: boolean, { folder, full }: { folder: string; full: boolean }): Promise<Count> {
  const some = embedded ? ['--testPathPatterns=embedded'] : [];
  const shared = embedded ? undefined : await startSharedServers(filesAtOnce, temporary(folder));
  try {
    return await jest('e2e', [`--maxWorkers=${filesAtOnce}`, ...some], { folder, full, env: shared?.env });
  } finally {
    await shared?.close();
  }
}

async function insistOnJava(): Promise<void> {
  const { available, reason } = await kafkaAvailability(systemSettings());
  if (!available)
    throw new Error(`The end-to-end tests need Kafka: ${reason}. To leave them out: npm test -- --embedded`);
}

async function style(): Promise<Count> {
  const code = await run('biome', ['check', '--error-on-warnings', '.'], phaseLimitMs.style);
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** Compose's own parser is a Go module. @returns undefined where there is no Go */
async function compose(): Promise<Count | undefined> {
  const found = await run('go', ['version'], phaseLimitMs.compose).catch(() => undefined);
  if (found !== 0) return undefined;
  const tokens = { SHOP_TOKEN: '1'.repeat(64), OPERATOR_TOKEN: '2'.repeat(64) };
  const code = await run(
    'go',
    ['-C', 'test/compose', 'run', '.', '../../docker-compose.yml'],
    phaseLimitMs.compose,
    tokens,
  );
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

const temporary = (folder: string) => join(folder, 'tmp');

/** A test that was ended in the middle leaves the servers it started; the pids are in its own temporary folder. */
async function endWhatIsLeft(folder: string): Promise<void> {
  for (const name of await readdir(temporary(folder))) {
    const ended = await endOrphans(join(temporary(folder), name, 'pids')).catch((error: unknown) => {
      console.error(`${name}: ${(error as Error).message}`);
      return [];
    });
    if (ended.length > 0) console.log(`Ended what ${name} had left: ${ended.map((one) => one.name).join(', ')}`);
  }
}

/** A project that cannot even start counts as one failure; its own output says why. */
async function jest(
  project: 'unit' | 'store' | 'e2e',
  args: readonly string[],
  { folder, full, env: more = {} }: { folder: string; full: boolean; env?: NodeJS.ProcessEnv | undefined },
): Promise<Count> {
  const file = join(folder, `${project}.json`);
  // A handle that a failed test left open must not keep the run from ending.
  const always = ['--selectProjects', project, '--forceExit', '--json', `--outputFile=${file}`];
  const limitMs = phaseLimitMs[project] * (full ? fullTakesLonger : 1);
  const env = { TMPDIR: temporary(folder), FULL_FIGURES: full ? '1' : '0', ...more };
  const code = await run('jest', [...always, ...args], limitMs, env);
  const text = await readFile(file, 'utf8').catch(() => '{}');
  const result = JSON.parse(text) as {
    numPassedTests?: number;
    numFailedTests?: number;
    numRuntimeErrorTestSuites?: number;
  };
  const passed = result.numPassedTests ?? 0;
  const failed = (result.numFailedTests ?? 0) + (result.numRuntimeErrorTestSuites ?? 0);
  return { passed, failed: code !== 0 && failed === 0 ? 1 : failed };
}

function run(command: string, args: readonly string[], limitMs: number, env: NodeJS.ProcessEnv = {}): Promise<number> {
  console.log(`\n> ${command} ${args.filter((arg) => !arg.startsWith('--outputFile')).join(' ')}`);
  const bin = command === 'go' ? command : join(process.cwd(), 'node_modules', '.bin', command);
  // jest prints its JSON to standard output as well, and the parser the whole project, which nobody wants to read.
  const stdio = ['ignore', command === 'biome' ? 'inherit' : 'ignore', 'inherit'] as const;
  const child = spawn(bin, [...args], { stdio: [...stdio], env: { ...process.env, ...env } });
  const limit = setTimeout(() => {
    console.error(`${command} did not end within ${limitMs / 60_000} minutes; it is ended now and counts as failed.`);
    child.kill('SIGKILL');
  }, limitMs);
  return new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  }).finally(() => clearTimeout(limit));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  console.log('0 passed, 1 failed');
  process.exit(1);
});
