// Goal: `npm start` on real Kafka and Connect prints its steps and examples, the examples work as printed, and neither its servers nor
// its files give away what is not theirs.
// Method: the built entry as a process of its own, on a temporary DATA_DIR and any free ports.
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expectExamplesFilledIn } from './support/examples-are-filled-in.ts';
import {
  endWhatRuns,
  killAndWait,
  recordedProcesses,
  runAfterExport,
  runPrintedExamples,
  startSystemProcess,
  temporaryDataDir,
} from './support/npm-start.ts';
import { waitUntil } from './support/wait-until.ts';

const limitMs = 300_000;
jest.setTimeout(2 * limitMs);

const planted = 'planted-0123456789abcdef012345678';

/** The variables of each process of a system whose value was planted around its starter. */
async function withPlanted(dataDir: string): Promise<Record<string, string[]>> {
  const records = (await recordedProcesses(dataDir)).map(async (file) => {
    const { name, pid } = JSON.parse(await readFile(join(dataDir, 'pids', file), 'utf8'));
    const variables = (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0');
    expect(variables.some((variable) => variable.startsWith('PATH='))).toBe(true);
    const names = variables.filter((variable) => variable.endsWith(`=${planted}`)).map((one) => one.split('=')[0]);
    return [name, names.sort()];
  });
  return Object.fromEntries(await Promise.all(records));
}

async function openToOthers(folder: string): Promise<string[]> {
  const paths = [folder, ...(await readdir(folder, { recursive: true })).map((path) => join(folder, path))];
  // Kafka's folder changes while it is looked at.
  const modes = paths.map((path) =>
    stat(path).then(
      ({ mode }) => (mode & 0o077 ? [path] : []),
      () => [],
    ),
  );
  expect(paths.length).toBeGreaterThan(50);
  return (await Promise.all(modes)).flat();
}

/** A user of now is read in the shop. */
async function expectToArrive({ userService, shoppingService }: Record<string, string | null>): Promise<void> {
  const body = JSON.stringify({ firstName: 'After', lastName: 'All', email: `${randomUUID()}@example.org` });
  const headers = { 'content-type': 'application/json' };
  const created = await fetch(`${userService}/users`, { method: 'POST', headers, body });
  expect(created.status).toBe(201);
  const { id } = (await created.json()) as { id: string };
  await waitUntil('the customer', limitMs, async () => {
    const answer = await fetch(`${shoppingService}/customers/${id}?minVersion=1`);
    return answer.status === 200 ? undefined : `${answer.status}`;
  });
}

test('the system on real Kafka, whose servers and services are killed, serves the printed examples, runs again and ends on Ctrl-C', async () => {
  const dataDir = await temporaryDataDir();
  // As an earlier release made them.
  for (const path of [dataDir.path, join(dataDir.path, 'logs')]) {
    await mkdir(path, { recursive: true });
    await chmod(path, 0o755);
  }
  try {
    const started = startSystemProcess(['--kafka'], {
      DATA_DIR: dataDir.path,
      USER_SERVICE_PORT: '0',
      SHOPPING_SERVICE_PORT: '0',
      // Meant for brokers of others; the one that is started here has neither.
      KAFKA_TLS: 'true',
      KAFKA_SASL_USERNAME: 'shop',
      KAFKA_SASL_PASSWORD: planted,
      USER_SERVICE_TOKEN: planted,
      ADMIN_TOKEN: planted,
      AWS_SECRET_ACCESS_KEY: planted,
    });
    const ready = await started.whenReady(limitMs);
    expect(ready).toMatchObject({
      mode: 'kafka',
      kafka: expect.stringMatching(/:\d+$/),
      connect: expect.stringMatching(/^http:/),
    });
    for (const step of ['mongodb', 'kafka', 'connect', 'connectors', 'user-service', 'shopping-service']) {
      expect(started.output()).toMatch(new RegExp(`^✔ ${step} `, 'm'));
    }
    expectExamplesFilledIn(await runPrintedExamples(started.output()));
    const doctor = 'node shared/dist/bin/main.js connect doctor';
    const status = 'node shared/dist/bin/main.js admin status';
    expect(await runAfterExport(started.output(), [doctor])).toContain('errors 0, warnings 0');
    // What the examples wrote may still be on its way to the shop.
    await waitUntil('a shop that runs and lacks nothing', limitMs, async () => {
      const told = await runAfterExport(started.output(), [status]);
      return /^shopping-service +shop +running +0 /m.test(told) ? undefined : told;
    });
    expect(await withPlanted(dataDir.path)).toEqual({
      mongod: [],
      kafka: [],
      connect: [],
      // Of Foldline's secrets each service has its own; what else the starter had, the team may mean for its services.
      'user-service': ['AWS_SECRET_ACCESS_KEY'],
      'shopping-service': ['AWS_SECRET_ACCESS_KEY', 'USER_SERVICE_TOKEN'],
    });
    expect(await openToOthers(dataDir.path)).toEqual([]);
    // All at once, as where the memory runs out.
    const names = ['connect', 'kafka', 'mongod', 'user-service', 'shopping-service'];
    await Promise.all(names.map((name) => killAndWait(started, dataDir.path, name, limitMs)));
    await expectToArrive(ready);
    started.signal('SIGINT');
    expect(await started.exitCode).toBe(0);
    expect(await recordedProcesses(dataDir.path)).toEqual([]);
  } finally {
    await endWhatRuns();
    await dataDir.remove();
  }
});
