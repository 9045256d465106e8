// Goal: without a broker the same services keep the same promises. Method: the work of the pipeline test in small, and a
// restart of each service; then every document against the independent fold.
import { randomUUID } from 'node:crypto';
import { seededRandom } from 'foldline/testing';
import { testSeed } from 'foldline/testing/workspace';
import { carryOutWork } from './support/clients.ts';
import { unmarkedIn } from './support/marks.ts';
import { waitForPositions } from './support/positions.ts';
import { get, readAt, send } from './support/requests.ts';
import { startLimitMs, startTestSystem, stopLimitMs, type TestSystem } from './support/test-system.ts';
import { expectBodiesAsStored, expectDocumentsAsStored } from './support/whole-system.ts';
import { workloadOf } from './support/workload.ts';

const seed = testSeed();
const title = 'Not yet available';

let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem({ kafka: false });
}, startLimitMs);

afterAll(async () => {
  await system?.close();
}, stopLimitMs);

test('an item comes before what it refers to; its placeholders are filled in', async () => {
  const { userService, shoppingService } = system.ready;
  const [item, category, seller] = [randomUUID(), randomUUID(), randomUUID()];
  const added = { id: item, title: 'Tea', price: 350, categoryId: category, sellerId: seller };
  expect((await send('POST', `${shoppingService}/items`, added)).status).toBe(201);
  const before = await readAt(`${shoppingService}/items/${item}`, 1);
  expect(before.body).toMatchObject({
    category: { id: category, state: 'notYetAvailable', title },
    seller: { id: seller, state: 'notYetAvailable', name: title },
  });
  const placeholder = await get(`${shoppingService}/customers/${seller}`);
  expect([placeholder.status, placeholder.body.state]).toEqual([200, 'notYetAvailable']);

  await send('POST', `${shoppingService}/categories`, { id: category, title: 'Drinks' });
  const user = { id: seller, firstName: 'Ada', lastName: 'Lovelace', email: 'ada@example.org' };
  await send('POST', `${userService}/users`, user);
  await readAt(`${shoppingService}/categories/${category}`, 1);
  await readAt(`${shoppingService}/customers/${seller}`, 1);
  const after = await get(`${shoppingService}/items/${item}`);
  expect(after.body).toMatchObject({
    category: { id: category, state: 'available', title: 'Drinks' },
    seller: { id: seller, state: 'available', name: 'Ada Lovelace' },
  });
}, 60_000);

test(`four clients, while each service is killed and started again (seed ${seed})`, async () => {
  const size = { users: 60, categories: 6, items: 30, orders: 20 };
  const { tasks, latecomers } = workloadOf(size, seededRandom(seed));
  const kill = { signal: 'SIGKILL' } as const;
  await carryOutWork({
    urls: system.ready,
    tasks,
    clients: 4,
    heldBack: latecomers,
    disturbances: [
      { name: 'kill user-service', after: 0.2, run: () => system.userService.restart(kill) },
      { name: 'kill shopping-service', after: 0.5, run: () => system.shoppingService.restart(kill) },
    ],
  });
  await waitForPositions(system, 30_000);
  await expectBodiesAsStored(system, await expectDocumentsAsStored(system), 15);
}, 100_000);

test('every collection of both services carries the mark', async () => {
  for (const db of [system.users, system.shopping]) expect(await unmarkedIn(db)).toEqual([]);
});
