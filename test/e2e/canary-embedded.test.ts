// Goal: personal data and secrets stay where they belong: none in logs, metrics, readiness or problems, also when things go wrong.
// Method: both services for real, at their most talkative, with one word in every name, address, title, identity, key and token;
// requests that are refused, events that cannot be read, addresses that clash. Then the word is looked for in all that was said.
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { runAdmin } from './support/admin-process.ts';
import { startLimitMs, startTestSystem, stopLimitMs, type TestSystem } from './support/test-system.ts';

const word = 'zeisig';
const found = (text: string) => text.split('\n').filter((line) => line.toLowerCase().includes(word));
const token = `${word}-token-0123456789abcdef012`;

let system: TestSystem;
/** Every problem that was answered, without the path, which is the caller's own. */
const problems: string[] = [];

beforeAll(async () => {
  const env = { LOG_LEVEL: 'trace', API_TOKENS: `ops=${token}:admin`, USER_SERVICE_TOKEN: token };
  system = await startTestSystem({ kafka: false, env });
}, startLimitMs);
afterAll(async () => {
  await system?.close();
}, stopLimitMs);

async function ask(route: string, body?: object | string, headers: Record<string, string> = {}): Promise<Response> {
  const [method = '', path = ''] = route.split(/ (.*)/s);
  const url = /^\/(users|identit|verification)/.test(path) ? system.userService.url : system.shoppingService.url;
  const payload = typeof body === 'string' ? body : body && JSON.stringify(body);
  const answer = await fetch(new URL(path, url), {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    ...(payload !== undefined && { body: payload }),
  });
  if (answer.status >= 400) {
    const { instance: _, ...problem } = (await answer.clone().json()) as Record<string, unknown>;
    problems.push(JSON.stringify(problem));
  }
  return answer;
}

const textOf = async (service: 'userService' | 'shoppingService', path: string) =>
  (await fetch(new URL(path, system[service].url), { headers: { authorization: `Bearer ${token}` } })).text();

/** The place is reached when the readiness of user-service shows it; the test's limit ends a wait in vain. */
async function whenReadinessShows(subject: string): Promise<void> {
  while (!(await textOf('userService', '/readyz?verbose')).includes(subject))
    await new Promise((resolve) => setTimeout(resolve, 50));
}

test('troubleshooting: verify says that user-service refuses this service (403)', async () => {
  const own = 'shop-token-0123456789abcdef012345';
  const verify = () => runAdmin({ ready: system.ready, token }, 'verify', 'customers');
  await system.shoppingService.restart({ env: { USER_SERVICE_TOKEN: own } });
  await system.userService.restart({ env: { API_TOKENS: `ops=${token}:admin,shop=${own}` } });
  const refused = await verify();
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/refuses this service \(403\).*declares with :verification/);

  await system.userService.restart({ env: { API_TOKENS: `ops=${token}:admin,shop=${own}:verification` } });
  const { code, stdout } = await verify();
  expect([code, stdout.includes('equal')]).toEqual([0, true]);
  await system.userService.restart();
  await system.shoppingService.restart();
}, 120_000);

test('the word that is in everything is in nothing that is said', async () => {
  const id = randomUUID();
  const person = { firstName: 'Zeisig', lastName: 'Zeisigmann', email: 'zeisig@example.org' };
  const key = { 'idempotency-key': `${word}-key` };
  expect((await ask('POST /users', { ...person, id }, key)).status).toBe(201);
  expect((await ask('POST /users', { ...person, lastName: 'Zeisigfrau' }, key)).status).toBe(422);
  expect((await ask('POST /users', person)).status).toBe(409);
  expect((await ask('POST /users', { ...person, email: word })).status).toBe(400);
  expect((await ask('POST /users', { ...person, firstName: { $ne: word } })).status).toBe(400);
  expect((await ask('POST /users', `{"firstName": zeisig}`)).status).toBe(400);
  expect((await ask('POST /users', `{"firstName":"zeisig"`)).status).toBe(400);
  expect((await ask('POST /users', person, { authorization: `Bearer ${word}` })).status).toBe(401);
  expect((await ask(`PATCH /users/${id}`, { lastName: 'Zeisigmüller' }, { 'if-match': `"${word}"` })).status).toBe(412);
  expect((await ask(`PATCH /users/${id}`, { email: 'zeisig@example.com' }, { cookie: `a=${word}` })).status).toBe(200);
  expect((await ask(`POST /users/${id}/identities`, { kind: 'phone', value: `${word} 4711` })).status).toBe(201);
  expect((await ask(`GET /identities/phone/${word}`)).status).toBe(404);
  expect((await ask(`GET /users/${word}`)).status).toBe(400);
  expect((await ask(`GET /users?cursor=${word}`)).status).toBe(400);
  expect((await ask('POST /categories', { title: 'Zeisige' })).status).toBe(201);
  expect((await ask('POST /categories', { title: { zeisig: 1 } })).status).toBe(400);
  expect((await ask('POST /items', { title: word, price: word, categoryId: word, sellerId: word })).status).toBe(400);
  expect((await ask(`GET /items?sellerId=${word}`)).status).toBe(400);
  expect((await ask(`GET /references?referrer=${word}`)).status).toBe(400);

  // Around the API: data that does not fit, and an address that another user holds.
  const [unfit, clashing] = [randomUUID(), randomUUID()];
  const stranger = (of: string, data: object) => ({
    specversion: '1.0',
    id: randomUUID(),
    source: '/a-script',
    type: 'userCreated_v2',
    subject: `user-${of}`,
    version: 1,
    time: new Date(),
    data,
  });
  const events = system.users.collection('UserEvents');
  await events.insertMany([
    stranger(unfit, { ...person, email: [word] }),
    stranger(clashing, { ...person, email: 'Zeisig@Example.com' }),
  ]);
  await whenReadinessShows(unfit);
  await whenReadinessShows(clashing);
  expect((await ask(`GET /users/${unfit}`)).status).toBe(503);
  expect((await ask(`DELETE /users/${id}`, undefined, key)).status).toBe(204);

  const said = {
    userLog: await readFile(system.userService.process().logFile, 'utf8'),
    shopLog: await readFile(system.shoppingService.process().logFile, 'utf8'),
    userMetrics: await textOf('userService', '/metrics'),
    shopMetrics: await textOf('shoppingService', '/metrics'),
    userReadiness: await textOf('userService', '/readyz?verbose'),
    shopReadiness: await textOf('shoppingService', '/readyz?verbose'),
    userHeld: await textOf('userService', '/admin/held'),
    shopHeld: await textOf('shoppingService', '/admin/held'),
    problems: problems.join('\n'),
  };
  for (const [where, text] of Object.entries(said)) expect([where, found(text)]).toEqual([where, []]);
  // That there was something to look through.
  expect(said.userLog).toContain('"route":"/users/:id"');
  expect(said.shopLog).toContain('"route":"/categories"');
  expect(said.userReadiness).toContain(unfit);
  expect(problems.length).toBeGreaterThan(14);
  expect(found(`{"firstName":"Zeisig"}`)).toHaveLength(1);
}, 120_000);
