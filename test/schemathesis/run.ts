// `npm run schemathesis [-- --seeds 1,2,3 --examples 50]`: a property-based tester that nobody here wrote, with all its checks,
// against both services as `npm start -- --embedded` runs them. Needs Python 3.10+; the pinned version is installed once into the
// cache folder. Exit 1 when it finds anything on either service.
import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { systemSettings } from '@foldline/system';
import { startTestSystem } from '../e2e/support/test-system.ts';

// Seen from test/dist/schemathesis, where the compiled file lies.
const folder = fileURLToPath(new URL('../../schemathesis/', import.meta.url));

// Ctrl-C, or a signal to this process alone: what it started ends with it.
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { seeds: { type: 'string' }, examples: { type: 'string' } } });
  const seeds = (values.seeds ?? '1,2,3').split(',');
  const schemathesis = await installed(systemSettings().cacheDir);
  // With tokens, so that it also sees whether a route is open that should not be.
  const token = randomUUID();
  const env = { API_TOKENS: `tester=${token}:admin`, USER_SERVICE_TOKEN: token };
  const system = await startTestSystem({ kafka: false, env });
  // What it keeps of one run must not lead the next one.
  const scratch = await mkdtemp(join(tmpdir(), 'foldline-schemathesis-'));
  let failed = 0;
  try {
    for (const seed of seeds) {
      for (const { name, url } of [system.userService, system.shoppingService]) {
        console.log(`\n> ${name}, seed ${seed}`);
        const all = [
          '--config-file',
          join(folder, 'schemathesis.toml'),
          'run',
          `${url}/openapi.json`,
          '--checks',
          'all',
        ];
        const more = ['--seed', seed, '--max-examples', values.examples ?? '50', '--no-color'];
        const caller = ['--header', `Authorization: Bearer ${token}`];
        const code = await run(schemathesis, [...all, ...more, ...caller], scratch);
        if (code !== 0) failed += 1;
      }
    }
  } finally {
    await system.close();
    await rm(scratch, { recursive: true, force: true });
  }
  console.log(
    `schemathesis found ${failed === 0 ? 'nothing' : 'something'}: ${2 * seeds.length} runs, ${failed} failed`,
  );
  process.exitCode = failed === 0 ? 0 : 1;
}

/** The pinned tester, in an environment of its own under the cache folder. @returns the path of its command */
async function installed(cacheDir: string): Promise<string> {
  const requirements = join(folder, 'requirements.txt');
  const digest = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex');
  const environment = join(cacheDir, `schemathesis-${digest.slice(0, 12)}`);
  const command = join(environment, 'bin', 'schemathesis');
  if (existsSync(command)) return command;
  const steps = [
    ['python3', '-m', 'venv', '--clear', environment],
    [join(environment, 'bin', 'pip'), 'install', '--quiet', '--disable-pip-version-check', '-r', requirements],
  ];
  for (const [program = '', ...args] of steps) {
    if ((await run(program, args)) !== 0)
      throw new Error(`${program} ${args.join(' ')} failed: schemathesis needs Python 3.10+ and the package registry.`);
  }
  return command;
}

function run(command: string, args: readonly string[], cwd = folder): Promise<number> {
  const { signal } = stopping;
  // Seen from the folder it runs in, its configuration could not name the hooks.
  const env = { ...process.env, SCHEMATHESIS_HOOKS: join(folder, 'hooks.py') };
  const child = spawn(command, [...args], { cwd, env, stdio: ['ignore', 'inherit', 'inherit'], signal });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

await main().catch((error: unknown) => {
  console.error(stopping.signal.aborted ? 'Stopped.' : error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
