// Goal: while the database is frozen, an operator is told at once what is known, what is not, and that the service is not ready.
// Method: the service on a real MongoDB behind a proxy that keeps its connections and lets nothing pass.
import { type LossyProxy, startLossyProxy, testMongodbUri } from 'foldline/testing/workspace';
import { type StartedUserService, startTestUserService } from './testing/started-user-service.ts';

interface Check {
  readonly name: string;
  readonly ready: boolean;
  readonly detail: string;
}

let proxy: LossyProxy;
let service: StartedUserService;
beforeAll(async () => {
  proxy = await startLossyProxy(testMongodbUri());
  service = await startTestUserService({
    MONGODB_URI: proxy.uri,
    CHECK_TIMEOUT_MS: '300',
    GAP_COUNT_EVERY_MS: '1',
    GAP_COUNT_TIMEOUT_MS: '300',
    PROGRESS_STALLED_AFTER_MS: '3000',
    PROGRESS_LOOK_EVERY_MS: '100',
  });
});
afterAll(async () => {
  proxy.thaw();
  await service.close();
  await proxy.close();
});

async function checks(): Promise<{ status: number; by: Map<string, Check> }> {
  const { status, body } = await service.call('GET /readyz?verbose');
  return { status, by: new Map((body.checks as unknown as Check[]).map((check) => [check.name, check])) };
}

test('each check that needs the database says that it is not known, the others what they know; metrics and status answer too', async () => {
  const { id } = await service.createUser();
  await service.snapshotAt(id, 1);
  // The snapshot is there before the projector has its answer.
  while (!/^foldline_events_applied_total\{.*\} 1$/m.test(await service.text('/metrics')));
  const before = await checks();
  proxy.freeze();

  const startedMs = Date.now();
  const frozen = await checks();
  expect(Date.now() - startedMs).toBeLessThan(2000);
  expect([...frozen.by.keys()]).toEqual([...before.by.keys()]);
  const unknown = [...frozen.by.values()].filter(({ detail }) => detail.includes('no answer within 300 ms'));
  expect(unknown.map(({ name, detail }) => [name, detail.startsWith('not known: ')])).toEqual([
    ['user-events', false],
    ['held-subjects', true],
    ['address-clashes', true],
  ]);

  const metrics = await service.text('/metrics');
  expect(metrics).toMatch(/^foldline_events_applied_total\{.*\} 1$/m);
  expect(metrics).not.toMatch(/^foldline_held_subjects\{/m);
  const { body } = await service.call('GET /admin/projections');
  expect(body.projections).toMatchObject([{ held: null, gap: null }]);
});

test('what was known is not known for ever: the service is not ready then, and ready again once the database answers', async () => {
  const until = async (status: number) => {
    for (let tries = 0; tries < 200; tries += 1) {
      const now = await checks();
      if (now.status === status) return now;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`The service never answered ${status}.`);
  };
  const { by } = await until(503);
  expect([...by.values()].filter(({ ready }) => !ready).map(({ detail }) => detail)).toEqual([
    expect.stringMatching(/^unknown: no answer for \d+ s; caught-up before that: /),
  ]);
  proxy.thaw();
  await until(200);
});
