// Goal: a merge and its retraction reach the shop whole, and leave it as it was, whichever process dies around them.
// Method: on real Kafka, each service is killed at named places around a merge or its retraction, drawn by the seed (with full figures
// at every place, around both); the request is repeated under its key. Every document and body is compared with an independent fold.
import { randomUUID } from 'node:crypto';
import type { ServiceHandle } from '@foldline/system';
import { projectorCrashPoints } from 'foldline/engine';
import { kafkaFeedCrashPoints } from 'foldline/kafka';
import { figure, someKills, testSeed } from 'foldline/testing/workspace';
import { type ConsumerGroup, openConsumerGroup } from './support/consumer-group.ts';
import { waitForPositions } from './support/positions.ts';
import { type Answer, type AnswerBody, get, readAt, send } from './support/requests.ts';
import { startLimitMs, startTestSystem, stopLimitMs, type TestSystem } from './support/test-system.ts';
import { waitUntil } from './support/wait-until.ts';
import { expectBodiesAsStored, expectDocumentsAsStored } from './support/whole-system.ts';

const requestPoints = ['before-insert', 'before-commit', 'after-commit'];
const userPoints = [...requestPoints, ...projectorCrashPoints];
const shopPoints = [...projectorCrashPoints, ...kafkaFeedCrashPoints];
const seed = testSeed();
const everyRound = userPoints.map(
  (userPoint, i) => [userPoint, shopPoints[i % shopPoints.length] as string, i] as const,
);
const rounds = someKills(everyRound, 2, seed);
const everyPlace = figure({ usual: 0, full: 1 }) === 1;

let system: TestSystem;
let group: ConsumerGroup;
let survivor: AnswerBody;
let absorbed: AnswerBody;
let item: AnswerBody;
let order: AnswerBody;

beforeAll(async () => {
  system = await startTestSystem({ kafka: true });
  group = await openConsumerGroup(system.ready.kafka as string, 'shopping-service');
  survivor = await post('userService', '/users', { firstName: 'Ada', lastName: '', email: 'ada@example.org' });
  absorbed = await post('userService', '/users', { firstName: 'A.', lastName: 'Lovelace', email: '42@example.org' });
  const category = await post('shoppingService', '/categories', { title: 'Engines' });
  const thing = { title: 'Engine', price: 7, categoryId: category.id };
  item = await post('shoppingService', '/items', { ...thing, sellerId: absorbed.id });
  await post('shoppingService', '/items', { ...thing, sellerId: survivor.id });
  order = await post('shoppingService', '/orders', {
    customerId: absorbed.id,
    lines: [{ itemId: item.id, quantity: 1 }],
  });
  await post('shoppingService', '/orders', { customerId: survivor.id, lines: [{ itemId: item.id, quantity: 2 }] });
  await waitForPositions(system, 60_000);
}, startLimitMs);

afterAll(async () => {
  await group?.close();
  await system?.close();
}, stopLimitMs);

async function post(service: 'userService' | 'shoppingService', path: string, body: object): Promise<AnswerBody> {
  const answer = await send('POST', `${system.ready[service]}${path}`, body, { key: randomUUID() });
  expect(answer.status).toBe(201);
  return answer.body;
}

const inShop = (path: string) => get(`${system.ready.shoppingService}${path}`);
const idsIn = async (path: string) => ((await inShop(path)).body.items as AnswerBody[]).map(({ id }) => id);

const whenDead = (service: ServiceHandle, point: string) =>
  waitUntil(`${service.name} killed at ${point}`, 60_000, async () => {
    const ended = service.process().ended();
    if (ended) expect(ended).toEqual({ code: null, signal: 'SIGKILL' });
    return ended ? undefined : 'it runs';
  });

/** Where each service dies on the way of what a request did: user-service at once, the shop when the news arrives. */
interface Places {
  readonly user?: string;
  readonly shop?: string;
}

/** The request is sent again under its key until it is answered. */
async function whileTheyDie({ user, shop }: Places, request: () => Promise<Answer>): Promise<Answer> {
  if (user) await system.userService.restart({ env: { CRASH_AT: `${user}:1` } });
  if (shop) await system.shoppingService.restart({ env: { CRASH_AT: `${shop}:1` } });
  const answering = request();
  if (user) {
    await whenDead(system.userService, user);
    await system.userService.restart();
  }
  const answer = await answering;
  if (shop) {
    await whenDead(system.shoppingService, shop);
    await group.removeMembers();
    await system.shoppingService.restart();
  }
  return answer;
}

/** In turns one of the two dies around the merge and the other around its retraction; with full figures both around both. */
function placesOf(user: string, shop: string, round: number): readonly [Places, Places] {
  if (everyPlace)
    return [
      { user, shop },
      { user, shop },
    ];
  return round % 2 === 0 ? [{ user }, { shop }] : [{ shop }, { user }];
}

const merging = () => {
  const key = randomUUID();
  const body = { survivorId: survivor.id, absorbedId: absorbed.id, reason: 'the same person' };
  return () => send('POST', `${system.ready.userService}/identity-merges`, body, { key });
};
const parting = (id: string) => {
  const key = randomUUID();
  return () => send('DELETE', `${system.ready.userService}/identity-merges/${id}`, undefined, { key });
};

async function expectOneInShop(version: number): Promise<void> {
  const shown = await readAt(`${system.ready.shoppingService}/customers/${absorbed.id}`, version);
  expect(shown.body).toMatchObject({ id: survivor.id, firstName: 'Ada', lastName: 'Lovelace', email: survivor.email });
  expect(shown.headers.get('content-location')).toBe(`/customers/${survivor.id}`);
  const both = await idsIn(`/items?sellerId=${absorbed.id}`);
  expect([both.length, await idsIn(`/items?sellerId=${survivor.id}`)]).toEqual([2, both]);
  expect(await idsIn(`/orders?customerId=${absorbed.id}`)).toHaveLength(2);
  const whole = { id: survivor.id, name: 'Ada Lovelace' };
  expect((await inShop(`/items/${item.id}`)).body.seller).toMatchObject(whole);
  expect((await inShop(`/orders/${order.id}`)).body.customer).toMatchObject(whole);
}

async function expectTwoInShop(version: number): Promise<void> {
  const shown = await readAt(`${system.ready.shoppingService}/customers/${absorbed.id}`, version);
  expect(shown.body).toMatchObject({ id: absorbed.id, firstName: 'A.', lastName: 'Lovelace', email: absorbed.email });
  expect(await idsIn(`/items?sellerId=${absorbed.id}`)).toEqual([item.id]);
  expect(await idsIn(`/orders?customerId=${absorbed.id}`)).toEqual([order.id]);
  expect((await inShop(`/items/${item.id}`)).body.seller).toMatchObject({ id: absorbed.id, name: 'A. Lovelace' });
  expect((await inShop(`/customers/${survivor.id}`)).body).toMatchObject({ firstName: 'Ada', lastName: '' });
}

test.each(rounds)(
  `merged and parted again while user-service dies at %s and the shop at %s (seed ${seed})`,
  async (...places) => {
    const [aroundMerge, aroundParting] = placesOf(...places);
    const merge = await whileTheyDie(aroundMerge, merging());
    expect(merge.status).toBe(201);
    await expectOneInShop(merge.body.version);
    const edges = { 'data.mergeId': merge.body.id };
    expect(await system.users.collection('UserEvents').countDocuments(edges)).toBe(2);
    const parted = await whileTheyDie(aroundParting, parting(merge.body.id));
    expect(parted.status).toBe(204);
    await expectTwoInShop(JSON.parse(parted.headers.get('etag') ?? '0'));
    expect(await system.users.collection('UserEvents').countDocuments(edges)).toBe(4);
  },
  240_000,
);

test('every document and every body is that of an independent fold, parted and merged', async () => {
  await waitForPositions(system, 60_000);
  await expectBodiesAsStored(system, await expectDocumentsAsStored(system), 10);
  const merge = await merging()();
  await expectOneInShop(merge.body.version);
  await waitForPositions(system, 60_000);
  await expectBodiesAsStored(system, await expectDocumentsAsStored(system), 10);
}, 180_000);
