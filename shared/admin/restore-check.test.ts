// Goal: `restore-check` says whether a copy knows more than its source, for all services at once, in words and in an exit code.
// Method: whole command lines against two small servers that play the services.
import { keptOutput, startJsonServer } from '../testing/workspace/index.ts';
import { runCli } from './cli.ts';
import { noDataDir, twoServices } from './testing/two-services.ts';

const none = { missing: 0, extra: 0, behind: 0, ahead: 0, forked: 0, different: 0 };
const figures = {
  scannedDocuments: 10,
  estimatedDocuments: 10,
  buckets: 4,
  differingBuckets: 0,
  comparedBuckets: 0,
  comparedDocuments: 0,
  moving: 0,
  ofOtherFolds: 0,
  repaired: 0,
};

/** A service whose models end so, each with what was found. */
async function startFakeService(models: Readonly<Record<string, { state: string; found?: object; detail?: string }>>) {
  const names = Object.keys(models);
  const server: Awaited<ReturnType<typeof startJsonServer>> = await startJsonServer((method, path): object => {
    if (method === 'GET' && path === '/admin/verifications')
      return { models: names.map((name) => ({ name, source: 'its source', equalAt: null, last: null })) };
    // One after the other, in the order of the list.
    const asked = names[server.asked.filter((line) => line.startsWith('POST')).length - 1] ?? '';
    const { state = '', found = {}, detail = '' } = models[asked] ?? {};
    return {
      id: '018f0000-0000-7000-8000-000000000001',
      model: asked,
      repair: false,
      startedAt: '2030-01-01T00:00:00.000Z',
      endedAt: '2030-01-01T00:00:01.000Z',
      state,
      detail,
      figures: { ...figures, found: { ...none, ...found } },
      findings: [],
    };
  });
  return server;
}

async function run(users: Parameters<typeof startFakeService>[0], shop: typeof users, ...args: string[]) {
  const [one, other] = await Promise.all([startFakeService(users), startFakeService(shop)]);
  const { output, said } = keptOutput();
  const env = { DATA_DIR: noDataDir, USER_SERVICE_URL: one.url, SHOPPING_SERVICE_URL: other.url };
  const code = await runCli(['restore-check', ...args], { env, ...output, confirm: undefined }, twoServices);
  await Promise.all([one.close(), other.close()]);
  return { code, ...said() };
}

const equal = { state: 'equal' };

test('all are equal: 0, and each is named', async () => {
  const { code, out } = await run({ users: equal }, { customers: equal, items: equal });
  expect(code).toBe(0);
  for (const name of ['users', 'customers', 'items']) expect(out).toContain(`: ${name} against its source: equal`);
  expect(out.split('\n').at(-1)).toBe('No copy knows more than its source: 3 models compared.');
});

test('a copy that is ahead: 4, with what to do', async () => {
  const ahead = { state: 'different', found: { ahead: 12, forked: 1, missing: 2 } };
  const { code, out } = await run({ users: equal }, { customers: ahead });
  expect(code).toBe(4);
  expect(out).toContain('Copies know what their source never had: shopping-service/customers (13).');
  expect(out).toContain('docs/backup-and-restore.md');
});

test('a copy that only lacks events differs, and no restore is claimed', async () => {
  const { code, out } = await run({ users: equal }, { customers: { state: 'different', found: { missing: 2 } } });
  expect(code).toBe(4);
  expect(out).not.toContain('restored');
});

test('a source that does not answer: 1, and nothing is said of all', async () => {
  const failed = { state: 'failed', detail: 'user-service does not answer' };
  const { code, out, err } = await run({ users: equal }, { customers: failed });
  expect(code).toBe(1);
  expect(err).toContain('shopping-service could not verify customers: user-service does not answer');
  expect(out).not.toContain('No copy knows more');
});

test('-o json is one value', async () => {
  const { out } = await run({ users: equal }, { customers: equal }, '-o', 'json');
  expect(JSON.parse(out).models).toMatchObject([
    { service: 'user-service', model: 'users', state: 'equal' },
    { service: 'shopping-service', model: 'customers', state: 'equal' },
  ]);
});
