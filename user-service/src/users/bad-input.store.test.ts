// Goal: input that is not what a route takes is refused with the place that is wrong, stores nothing, and never answers 500.
// Method: a table of bad bodies, paths, queries and types on every route that could take them.
import { newEmail, type StartedUserService, startTestUserService } from '../testing/started-user-service.ts';

let service: StartedUserService;
let id: string;
beforeAll(async () => {
  service = await startTestUserService();
  id = (await service.createUser()).id;
});
afterAll(async () => {
  expect(await service.events.countDocuments()).toBe(1);
  await service.close();
});

const user = (fields: object) => JSON.stringify({ firstName: 'Ada', lastName: 'L', email: newEmail(), ...fields });
const raw = (field: string, value: string) => user({ [field]: 'PLACE' }).replace('"PLACE"', value);

describe.each([['POST /users'], ['PATCH /users/:id']])('%s', (pattern) => {
  const route = () => pattern.replace(':id', id);

  test.each([
    ['nothing', '', ''],
    ['half an object', '{"firstName": "Ada"', ''],
    ['a comma too many', '{"firstName": "Ada",}', ''],
    ['text', 'firstName=Ada', ''],
    ['a string', '"Ada"', ''],
    ['a number', '7', ''],
    ['null', 'null', ''],
    ['an array', '[]', ''],
    ['an array of users', `[${user({})}]`, ''],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]).toString('latin1'), ''],
    ['an unknown key', user({ role: 'admin' }), '/role'],
    ['a version', user({ version: 7 }), '/version'],
    ['an operator', user({ $where: '1' }), '/$where'],
    ['an operator as a value', user({ email: { $ne: null } }), '/email/$ne'],
    ['a prototype', raw('__proto__', '{"admin":true}'), '/__proto__'],
    ['a constructor', user({ constructor: { prototype: {} } }), '/constructor'],
    ['a name as a number', user({ firstName: 7 }), '/firstName'],
    ['a name as null', user({ firstName: null }), '/firstName'],
    ['a name as an array', user({ firstName: ['Ada'] }), '/firstName'],
    ['a name as an object', user({ lastName: { first: 'x' } }), '/lastName'],
    ['a first name of nothing', user({ firstName: '' }), '/firstName'],
    ['a blank first name', user({ firstName: ' \u00a0 ' }), '/firstName'],
    ['a first name of 201 characters', user({ firstName: 'x'.repeat(201) }), '/firstName'],
    ['a last name of 201 characters', user({ lastName: 'é'.repeat(201) }), '/lastName'],
    ['an address of 201 characters', user({ email: `${'x'.repeat(189)}@example.org` }), '/email'],
    ['a control character', user({ firstName: 'A\u0000da' }), '/firstName'],
    ['a line break', user({ lastName: 'Love\nlace' }), '/lastName'],
    ['a delete character', user({ lastName: 'Love\u007flace' }), '/lastName'],
    ['a lone surrogate', raw('firstName', '"A\\ud800"'), '/firstName'],
    ['a lone low surrogate', raw('lastName', '"\\udc00A"'), '/lastName'],
    ['an address without an @', user({ email: 'ada' }), '/email'],
    ['an address with a space', user({ email: 'a da@example.org' }), '/email'],
    ['a blank address', user({ email: '  ' }), '/email'],
    ['an object nested too deep', raw('firstName', '['.repeat(5000) + ']'.repeat(5000)), undefined],
  ])('refuses %s', async (_, body, pointer) => {
    const answer = await service.call(route(), body);
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid-request']);
    if (pointer !== undefined) expect(answer.body.errors.map((error) => error.pointer)).toContain(pointer);
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json garbage',
    'application/jsonx',
    'json',
  ])('refuses a body of type %s', async (type) => {
    const answer = await service.call(route(), user({}), { 'content-type': type });
    expect([answer.status, answer.body.code]).toEqual([415, 'unsupported-media-type']);
  });

  test.each([
    ['262,145 bytes', 262_145],
    ['3,000,000 bytes', 3_000_000],
  ])('refuses a body of %s', async (_, bytes) => {
    const answer = await service.call(route(), user({ firstName: 'x'.repeat(bytes) }));
    expect([answer.status, answer.body.code]).toEqual([413, 'too-large']);
  });

  test.each(['?unknown=1', '?strict=true', '?__proto__=1', '?id=1&id=2'])('refuses the query %s', async (query) => {
    const answer = await service.call(`${route()}${query}`, user({}));
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid-request']);
  });
});

test.each([
  '',
  'x',
  '1',
  'NIL',
  'AB3E5D1A-0000-4000-8000-00000000000A',
  'ab3e5d1a000040008000000000000000',
  7,
  null,
  {},
])('POST refuses the id %j', async (given) => {
  const answer = await service.call('POST /users', user({ id: given }));
  expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([400, '/id']);
});

describe.each(['GET', 'PATCH', 'DELETE'])('%s', (method) => {
  test.each([
    ['1'],
    ['user-00000000-0000-4000-8000-000000000000'],
    ['AB3E5D1A-0000-4000-8000-00000000000A'],
    ['00000000-0000-4000-8000-00000000000g'],
    ['%00'],
    ['%24ne'],
    ['x'.repeat(90)],
    ['x'.repeat(900)],
    ['%ED%A0%80'],
    ['%'],
  ])('refuses the id %s in its path', async (given) => {
    const answer = await service.call(
      `${method} /users/${given}`,
      method === 'PATCH' ? { firstName: 'Bea' } : undefined,
    );
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid-request']);
  });
});

test.each([
  'unknown=1',
  'minVersion=0',
  'minVersion=-1',
  'minVersion=1.0',
  'minVersion=x',
  'minVersion=',
  'minVersion=1&minVersion=1',
  'minVersion[$gt]=1',
  'minVersion=99999999999999999999',
  'replay=no',
  'replay=',
  'replay=false&replay=false',
  'atVersion=1e3',
  'at=',
  'at=2026-02-30T00:00:00Z',
  '__proto__=1',
  'constructor=1',
])('GET /users/{id}?%s is refused', async (query) => {
  const answer = await service.call(`GET /users/${id}?${query}`);
  expect([answer.status, answer.body.code]).toEqual([400, 'invalid-request']);
});

test.each([
  ['GET /nothing', 404, undefined],
  ['PUT /users', 405, 'GET, HEAD, POST'],
  ['DELETE /users', 405, 'GET, HEAD, POST'],
  ['PATCH /users', 405, 'GET, HEAD, POST'],
  ['POST /users/00000000-0000-4000-8000-000000000000', 405, 'DELETE, GET, HEAD, PATCH'],
  ['PUT /users/00000000-0000-4000-8000-000000000000', 405, 'DELETE, GET, HEAD, PATCH'],
  ['POST /users/00000000-0000-4000-8000-000000000000/events', 405, 'GET, HEAD'],
  ['GET /users/00000000-0000-4000-8000-000000000000/emails', 404, undefined],
  ['OPTIONS /users', 405, 'GET, HEAD, POST'],
] as const)('%s is no route: %d', async (route, wanted, allow) => {
  const { status, headers, body } = await service.call(route);
  const code = wanted === 404 ? 'not-found' : 'method-not-allowed';
  expect([status, body.code, headers['content-type']]).toEqual([wanted, code, 'application/problem+json']);
  expect(headers.allow).toBe(allow);
  expect(body).toMatchObject({ type: `/problems/${code}`, status: wanted, instance: route.split(' ')[1] });
  expect(String(body.requestId)).not.toBe('');
});

test('DELETE takes no body', async () => {
  expect((await service.call(`DELETE /users/${id}`, { reason: 'none' })).status).toBe(400);
});

test('the type of a problem is a page', async () => {
  const { body } = await service.call('GET /users/1');
  expect(await service.text(String(body.type))).toContain('<h1>');
});

test('a dry run reads its headers as the merge itself does', async () => {
  const pair = { survivorId: id, absorbedId: crypto.randomUUID(), reason: 'the same person' };
  const answer = await service.call('POST /identity-merges?dryRun=true', pair, { 'idempotency-key': '""' });
  expect([answer.status, answer.body.errors[0]?.pointer]).toEqual([400, 'Idempotency-Key']);
});
