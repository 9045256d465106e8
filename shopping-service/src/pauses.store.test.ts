// Goal: an operator pauses the shop's feed and sees what waits from each source; reads and waits go on as when it lags, a restart
// changes nothing, and resumed, everything arrives once. Method: the shop in this process on a real mongod, without a broker.
import type { AnswerBody } from 'foldline/testing';
import { until } from 'foldline/testing/workspace';
import { type StartedShoppingService, startTestShoppingService } from './testing/started-shopping-service.ts';

const settings = { GAP_COUNT_EVERY_MS: '1', PROGRESS_LOOK_EVERY_MS: '50', PROGRESS_STALLED_AFTER_MS: '100' };
let shop: StartedShoppingService;
beforeAll(async () => {
  shop = await startTestShoppingService(settings);
});
afterAll(() => shop.close());

interface Status extends AnswerBody {
  readonly gap: { readonly events: number } | null;
  readonly lagMs: number | null;
  readonly sources: readonly {
    readonly name: string;
    readonly state: string;
    readonly gap: { events: number } | null;
  }[];
}

async function projection(): Promise<Status> {
  const { body } = await shop.call('GET /admin/projections');
  return (body.projections as Status[])[0] as Status;
}
const gaps = async () => (await projection()).sources.map(({ name, gap }) => [name, gap?.events]);
const pull = (pauseGate: 'pause' | 'resume', body?: object) =>
  shop.call(`POST /admin/projections/shop/${pauseGate}`, body);

test('what waits is counted for each source, and arrives once it is resumed', async () => {
  const user = await shop.createUser();
  await until(async () => (await projection()).gap?.events === 0);
  expect((await pull('pause', { reason: 'a move' })).body).toMatchObject({ isChanged: true, pause: { by: 'local' } });

  await shop.userHappened(user, 'userFirstNameChanged_v1', { firstName: 'Grace' });
  await shop.userHappened(user, 'userFirstNameChanged_v1', { firstName: 'Joan' });
  const { id } = await shop.createCategory();
  await shop.call(`PATCH /categories/${id}`, { title: 'Maps' });
  await shop.createItem({ categoryId: id });
  const waiting = [
    ['user-events', 2],
    ['catalog-events', 3],
    ['order-events', 0],
  ];
  expect(await gaps()).toEqual(waiting);
  await until(async () => ((await projection()).lagMs ?? 0) > 200);
  expect(await projection()).toMatchObject({ state: 'paused', detail: expect.stringMatching(/ by local: a move$/) });

  // Reads go on, and a wait ends as it does when the feed lags.
  expect((await shop.call(`GET /customers/${user}`)).body).toMatchObject({ version: 1, firstName: 'Ada' });
  const waited = await shop.call(`GET /customers/${user}?minVersion=3`, undefined, { prefer: 'wait=1' });
  expect([waited.status, waited.body.code, waited.body.currentVersion]).toEqual([503, 'version-not-yet', 1]);
  const { body } = await shop.call('GET /readyz?verbose');
  const checks = body.checks as { name: string; ready: boolean; detail: string }[];
  expect(checks.find(({ name }) => name === 'catalog-events')).toMatchObject({
    ready: true,
    detail: expect.stringMatching(/^paused: (category|item)-.* is stored and has not arrived$/),
  });
  expect(checks.find(({ name }) => name === 'pause')).toMatchObject({ ready: true });

  expect((await pull('resume')).body).toMatchObject({ isChanged: true, pause: null });
  expect(await shop.at(`/customers/${user}`, 3)).toMatchObject({ version: 3, firstName: 'Joan' });
  expect(await shop.at(`/categories/${id}`, 2)).toMatchObject({ title: 'Maps' });
  await until(async () => (await projection()).gap?.events === 0);
  await until(async () => (await projection()).state !== 'paused');
});

test('each model is named with the collection that is read', async () => {
  expect((await projection()).models).toMatchObject(
    ['customers', 'categories', 'items', 'orders'].map((name) => ({ name, collection: name })),
  );
});

test('a shop that is told to end while it is paused ends, with everything still to come', async () => {
  const other = await startTestShoppingService(settings);
  const { body } = await other.call('POST /admin/projections/shop/pause');
  expect(body.isChanged).toBe(true);
  await other.createCategory();
  const inHand = async () => {
    const { body: status } = await other.call('GET /admin/projections');
    return ((status.projections as Status[])[0]?.lagMs ?? 0) > 0;
  };
  await until(inHand);
  expect(await other.db.collection('categories').countDocuments()).toBe(0);
  await other.close();
});
