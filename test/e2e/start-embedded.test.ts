// Goal: `npm start -- --embedded` works without Java, the printed examples work as printed, Ctrl-C ends everything, a second
// start finds the data, a start that was killed is cleaned up by the next, and faults are one sentence and exit 1.
// Method: the built entry as a process of its own, on a temporary DATA_DIR and any free ports.
import { chmod, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { obeyedIn } from 'foldline/testing/workspace';
import { MongoClient } from 'mongodb';
import { runAdminIn } from './support/admin-process.ts';
import { expectExamplesFilledIn } from './support/examples-are-filled-in.ts';
import {
  endWhatRuns,
  recordedProcesses,
  runPrintedExamples,
  startSystemProcess,
  temporaryDataDir,
} from './support/npm-start.ts';

const limitMs = 120_000;
jest.setTimeout(3 * limitMs);

let dataDir: Awaited<ReturnType<typeof temporaryDataDir>>;
// With CI set, libraries colour what no terminal shows; what is printed must stay readable by programs.
const environment = () => ({
  DATA_DIR: dataDir.path,
  USER_SERVICE_PORT: '0',
  SHOPPING_SERVICE_PORT: '0',
  CI: 'true',
});

beforeAll(async () => {
  dataDir = await temporaryDataDir();
});
afterEach(endWhatRuns, 60_000);
afterAll(() => dataDir.remove());

test('starts, serves the printed examples, ends on Ctrl-C, and starts again with its data', async () => {
  const first = startSystemProcess(['--embedded'], environment());
  const ready = await first.whenReady(limitMs);
  expect(ready).toEqual({
    mode: 'embedded',
    userService: expect.stringMatching(/^http:/),
    shoppingService: expect.stringMatching(/^http:/),
    mongodb: expect.stringMatching(/^mongodb:/),
    kafka: null,
    connect: null,
  });
  expect(first.output()).toMatch(/^mode embedded: --embedded was given/);
  const answers = await runPrintedExamples(first.output());
  expectExamplesFilledIn(answers);
  // In a folder that names no service and brings no verb: what the start wrote down is all that is known.
  const status = () => runAdminIn(dataDir.path, { DATA_DIR: dataDir.path }, ['status']);
  const told = await status();
  const file = join(dataDir.path, 'services', 'addresses.json');
  expect([told.code, told.stderr]).toEqual([0, `services at the addresses in ${file}\n`]);
  expect(told.stdout).toMatch(/\nuser-service +users [\s\S]*\nshopping-service +shop /);
  first.signal('SIGINT');
  expect(await first.exitCode).toBe(0);
  expect(await status()).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('No service is known') });
  expect(await recordedProcesses(dataDir.path)).toEqual([]);

  const second = startSystemProcess(['--embedded'], environment());
  const again = await second.whenReady(limitMs);
  const customer = await fetch(`${again.shoppingService}/customers/${answers[0]?.id}`);
  expect(await customer.json()).toMatchObject({ firstName: 'Ada', state: 'available' });

  second.signal('SIGKILL');
  await second.exitCode;
  expect(await recordedProcesses(dataDir.path)).not.toEqual([]);
  const third = startSystemProcess(['--embedded'], environment());
  const { mongodb } = await third.whenReady(limitMs);
  await refusesForeignDatabase(mongodb as string);
  expect(third.output()).toMatch(/was killed and left .*user-service.* running: ended/);
  third.signal('SIGTERM');
  expect(await third.exitCode).toBe(0);
});

/** A start on the same MongoDB, in whose other database a team has users of its own. */
async function refusesForeignDatabase(mongodb: string): Promise<void> {
  const [folder, client] = [await temporaryDataDir(), await new MongoClient(mongodb).connect()];
  try {
    await client.db('team').collection('Users').insertOne({ name: 'Ada' });
    const env = { MONGODB_URI: mongodb, USERS_DATABASE: 'team', DATA_DIR: folder.path };
    const started = startSystemProcess(['--embedded'], { ...environment(), ...env });
    expect(await started.exitCode).toBe(1);
    expect(started.output()).toMatch(/user-service did not start: The database team has .* Users holds documents/);
    expect(started.output()).not.toMatch(/^\s+at /m);
    const names = (await client.db('team').listCollections().toArray()).map(({ name }) => name);
    expect(names).toEqual(['Users']);
  } finally {
    await client.close();
    await folder.remove();
  }
}

test('a start that is interrupted ends what it had begun', async () => {
  const started = startSystemProcess(['--embedded'], environment());
  await started.whenPrinted(/✔ mongodb/, limitMs);
  started.signal('SIGINT');
  await started.exitCode;
  expect(await recordedProcesses(dataDir.path)).toEqual([]);
});

test.each([
  [
    'a port that is taken',
    [],
    (port: number) => ({ USER_SERVICE_PORT: String(port) }),
    /port \d+ for user-service is taken/,
  ],
  ['a port that is none', [], () => ({ USER_SERVICE_PORT: 'abc' }), /USER_SERVICE_PORT is "abc"/],
  ['two modes', ['--kafka'], () => ({}), /--embedded and --kafka exclude each other/],
  ['an address that is not loopback, without tokens', [], () => ({ HOST: '0.0.0.0' }), /API_TOKENS/],
  ['a setting of a service', [], () => ({ LOG_LEVEL: 'loud' }), /LOG_LEVEL/],
])('%s: says what to do and ends with 1', async (_what, args, env, sentence) => {
  const taken = createServer();
  await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done));
  const { port } = taken.address() as { port: number };
  try {
    const started = startSystemProcess(['--embedded', ...args], { ...environment(), ...env(port) });
    expect(await started.exitCode).toBe(1);
    expect(started.output()).toMatch(sentence);
    // Told before any server is started, which would take longer than a person wants to wait for it.
    expect(started.output()).not.toMatch(/mongodb +mongod/);
    expect(started.output()).not.toMatch(/^\s+at /m);
    expect(await recordedProcesses(dataDir.path)).toEqual([]);
  } finally {
    taken.close();
  }
});

test('hazard: the end of the log of a server that did not start is told as it is, and a line of it read as one of ours', async () => {
  const binary = join(dataDir.path, '.mongod');
  const log = 'printf \'a\\033[2J\\302\\233b\\nready {"mode":"kafka"}\\nFORGED all run\\n\'';
  await writeFile(binary, `#!/bin/sh\n[ "$1" = --version ] && echo 'db version v7.0.0' && exit\n${log}\nexit 3\n`);
  await chmod(binary, 0o755);
  const started = startSystemProcess(['--embedded'], { ...environment(), MONGOMS_SYSTEM_BINARY: binary });
  expect(await started.exitCode).toBe(1);
  expect(started.output()).toContain('  a\\u001b[2J\\u009bb\n  ready {"mode":"kafka"}\n  FORGED all run');
  expect(started.output()).not.toMatch(/^ready /m);
  expect(obeyedIn(started.output())).toEqual([]);
});

test('without Java, --kafka says what is missing', async () => {
  const started = startSystemProcess(['--kafka'], { ...environment(), JAVA_HOME: '/nowhere', PATH: '/nowhere' });
  expect(await started.exitCode).toBe(1);
  expect(started.output()).toMatch(/--kafka needs Java 17/);
});
