// Goal: what user-service answers is never taken for something that it is not, and a question costs a bounded number of requests.
// Method: a small server that answers what it is told.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ownerEvents } from './owner-events.ts';

let server: Server;
let url: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const id = '018f0000-0000-7000-8000-000000000001';
const subject = `user-${id}`;

beforeAll(async () => {
  server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const owner = { service: 'user-service', plural: 'users', settings: 'USER_SERVICE', kind: 'user' };
const client = (more: object = {}) =>
  ownerEvents({ ...owner, url, token: '', timeoutMs: 300, requestsAtOnceMax: 2, pagesMax: 3, ...more });
const event = (version: number, more: object = {}) => ({
  specversion: '1.0',
  id,
  source: '/user-service',
  type: 'userDeleted_v1',
  subject,
  version,
  time: '2030-01-01T00:00:00Z',
  data: {},
  ...more,
});
const answering = (body: unknown, status = 200) => {
  answer = (_, response) => {
    response.statusCode = status;
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
};
const one = new Map([[subject, 4]]);

test('it asks for raw events after the version, and times are dates', async () => {
  let asked: string | undefined;
  answer = (request, response) => {
    asked = request.url;
    response.end(JSON.stringify({ items: [event(5)], nextCursor: null }));
  };
  const events = await client().readNext(one, 1000);
  expect(asked).toBe(`/origin/user/events?subject=${subject}&limit=200&afterVersion=4`);
  expect(events).toEqual([event(5, { time: new Date('2030-01-01T00:00:00Z') })]);
});

test('an event whose data its owner cannot read is passed on as that; what it says is cut', async () => {
  answering({ items: [event(5, { unreadable: 'x'.repeat(1000) }), event(6, { unreadable: 7 })], nextCursor: null });
  const [lost, read] = await client().readNext(one, 1000);
  expect([lost?.version, lost?.unreadable?.length, read?.unreadable]).toEqual([5, 400, undefined]);
});

test('a user who was never heard of has no events; an owner without these routes is of an earlier release', async () => {
  answering({ code: 'not-found' }, 404);
  await expect(client().readNext(one, 1000)).rejects.toMatchObject({
    code: 'overloaded',
    message: expect.stringContaining('answers 404 when asked for the events of'),
  });
  answering({ items: [], nextCursor: null });
  expect(await client().readNext(one, 1000)).toEqual([]);
  expect(await client().readNext(new Map(), 1000)).toEqual([]);
});

test('a life without end is read as far as the limit of pages, in order', async () => {
  let version = 4;
  answer = (_, response) => {
    version += 1;
    response.end(JSON.stringify({ items: [event(version)], nextCursor: `after-${version}` }));
  };
  expect((await client().readNext(one, 1000)).map((found) => found.version)).toEqual([5, 6, 7]);
});

test('an owner that asks for patience is asked again later for the same page of all events, and not for ever', async () => {
  const asked: (string | undefined)[] = [];
  let refusals = 2;
  answer = (request, response) => {
    asked.push(request.url);
    if (refusals-- > 0) response.writeHead(429, { 'retry-after': '0.01' }).end('{}');
    else response.end(JSON.stringify({ items: [event(asked.length)], nextCursor: asked.length < 4 ? 'next' : null }));
  };
  const read = async () => {
    const found: number[] = [];
    for await (const page of client().all(new AbortController().signal)) found.push(...page.map((one) => one.version));
    return found;
  };
  expect(await read()).toEqual([3, 4]);
  const first = '/origin/user/events?limit=200';
  expect(asked).toEqual([first, first, first, `${first}&cursor=next`]);
  refusals = 100;
  await expect(read()).rejects.toMatchObject({
    message: expect.stringContaining('answers 429 when asked for all events'),
  });
  expect(asked).toHaveLength(8);
});

test('many users are asked for with so many requests at once and no more', async () => {
  let now = 0;
  let most = 0;
  answer = (_, response) => {
    now += 1;
    most = Math.max(most, now);
    setTimeout(() => {
      now -= 1;
      response.end(JSON.stringify({ items: [], nextCursor: null }));
    }, 5);
  };
  const many = new Map(Array.from({ length: 9 }, () => [`user-${crypto.randomUUID()}`, 1] as const));
  await client().readNext(many, 1000);
  expect(most).toBe(2);
});

test.each([
  ['a fault of its own', '{}', 500, /answers 500/],
  ['a token that it does not know', '{}', 401, /refuses this service \(401\); set USER_SERVICE_TOKEN/],
  ['a token that may not', '{}', 403, /USER_SERVICE_TOKEN/],
  ['no JSON', '<html>', 200, /no page of events; correct USER_SERVICE_URL/],
  ['another shape', '[]', 200, /no page of events/],
  ['an event without a version', { items: [event(5, { version: null })], nextCursor: null }, 200, /version is null/],
  [
    'an event of somebody else',
    { items: [event(5, { subject: `item-${id}` })], nextCursor: null },
    200,
    /answers an event of item-/,
  ],
  [
    'an event with an object that no text can be made of',
    { items: [event(5, { type: { toString: 0 } })], nextCursor: null },
    200,
    /^.{0,300}type is an object, expected <stem>_v<n>/,
  ],
  [
    'an event that nests 5,000 levels deep',
    `{"items":[${'['.repeat(5000)}${']'.repeat(5000)}],"nextCursor":null}`,
    200,
    /the value is no JSON object/,
  ],
  [
    'an event of a subject without an end',
    { items: [event(5, { subject: `${'x'.repeat(600_000)}-${id}` })], nextCursor: null },
    200,
    /^.{0,300}$/,
  ],
])('%s is an owner who could not be asked', async (_, body, status, message) => {
  answering(body, status);
  await expect(client().readNext(one, 1000)).rejects.toMatchObject({
    code: 'overloaded',
    message: expect.stringMatching(message),
  });
});

test('nobody there, and nobody who answers, are told within the time, naming the address and the setting', async () => {
  answer = () => {};
  await expect(client().readNext(one, 1000)).rejects.toMatchObject({
    message: `user-service at ${url}, the owner of users, does not answer (no answer in time); start it, or correct USER_SERVICE_URL.`,
  });
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  const nowhere = client({ url: `http://127.0.0.1:${port}` });
  await expect(nowhere.readNext(one, 1000)).rejects.toMatchObject({ message: expect.stringContaining('ECONNREFUSED') });
});

test('a user for whom it fails keeps no other user from being answered, when somebody listens', async () => {
  const healthy = `user-${crypto.randomUUID()}`;
  const failed: [string, unknown][] = [];
  const both = new Map([
    [subject, 4],
    [healthy, 1],
  ]);
  const ask = () => client({ requestsAtOnceMax: 1 }).readNext(both, 1000, (key, fault) => failed.push([key, fault]));
  const answerOthers = (bad: (response: ServerResponse) => void) => {
    answer = (request, response) => {
      if (request.url?.includes(id)) return bad(response);
      response.end(JSON.stringify({ items: [event(2, { subject: healthy })], nextCursor: null }));
    };
  };
  answerOthers((response) => void response.writeHead(500).end('{}'));
  expect((await ask()).map((one) => one.subject)).toEqual([healthy]);
  answerOthers(
    (response) => void response.end(JSON.stringify({ items: [event(5, { time: null })], nextCursor: null })),
  );
  expect((await ask()).map((one) => one.subject)).toEqual([healthy]);
  expect(failed).toMatchObject([
    [subject, { message: expect.stringContaining(`answers 500 when asked for the events of ${subject}`) }],
    [subject, { message: expect.stringContaining('time is null') }],
  ]);
  answerOthers((response) => void response.writeHead(503).end('{}'));
  await expect(ask()).rejects.toMatchObject({ message: expect.stringContaining('answers 503') });
});

const healthy = `user-${crypto.randomUUID()}`;

test('hazard: an answer that begins and does not end in time is told as a wrong address, and is everybody’s fault', async () => {
  const failed: [string, unknown][] = [];
  const answerOthers = (bad: (response: ServerResponse) => void) => {
    answer = (request, response) => {
      if (request.url?.includes(id)) return bad(response);
      response.end(JSON.stringify({ items: [event(2, { subject: healthy })], nextCursor: null }));
    };
  };
  const both = new Map([...one, [healthy, 1] as const]);
  const ask = () => client({ requestsAtOnceMax: 1 }).readNext(both, 1000, (key, fault) => failed.push([key, fault]));
  answerOthers((response) => void response.writeHead(200).write('{ "items": ['));
  expect((await ask()).map((found) => found.subject)).toEqual([healthy]);
  answerOthers((response) => response.writeHead(200).write('{', () => response.destroy()));
  expect((await ask()).map((found) => found.subject)).toEqual([healthy]);
  const asked = `when asked for the events of ${subject}`;
  expect(failed).toMatchObject([
    [subject, { code: 'overloaded', message: expect.stringContaining(`did not answer in time ${asked}`) }],
    [subject, { code: 'overloaded', message: expect.stringMatching(new RegExp(`broke off its answer .* ${asked}`)) }],
  ]);
});

test('hazard: a service that ceases to answer takes the answers back that it gave', async () => {
  const failed: [string, unknown][] = [];
  const users = new Map([[healthy, 1], ...one, [`user-${crypto.randomUUID()}`, 0]] as const);
  answer = (request, response) => {
    if (request.url?.includes(healthy.slice(5)))
      response.end(JSON.stringify({ items: [event(2, { subject: healthy })], nextCursor: null }));
    else response.writeHead(503).end('{}');
  };
  const ask = (listens: boolean) =>
    client({ requestsAtOnceMax: 1 }).readNext(
      users,
      1000,
      listens ? (key, fault) => failed.push([key, fault]) : undefined,
    );
  expect((await ask(true)).map((found) => found.subject)).toEqual([healthy]);
  expect(failed.map(([key]) => key)).toEqual([...users.keys()].slice(1));
  expect(failed[0]?.[1]).toMatchObject({ message: expect.stringContaining('answers 503') });
  await expect(ask(false)).rejects.toMatchObject({ message: expect.stringContaining('answers 503') });
});

test('no more events are asked for than are wanted', async () => {
  const asked: (string | undefined)[] = [];
  answer = (request, response) => {
    asked.push(request.url);
    const limit = Number(/limit=(\d+)/.exec(request.url ?? '')?.[1]);
    const items = Array.from({ length: limit }, (_, i) => event(asked.length * 1000 + i));
    response.end(JSON.stringify({ items, nextCursor: 'more' }));
  };
  expect(await client().readNext(one, 7)).toHaveLength(7);
  expect(asked).toEqual([`/origin/user/events?subject=${subject}&limit=7&afterVersion=4`]);
  expect(await client().readNext(one, 250)).toHaveLength(250);
  expect(asked).toHaveLength(3);
});

test('the first fault ends the whole question, and the others are given up', async () => {
  const open: ServerResponse[] = [];
  let calls = 0;
  answer = (_, response) => {
    calls += 1;
    open.push(response);
    if (calls === 2) {
      response.statusCode = 500;
      response.end();
    }
  };
  const many = new Map(Array.from({ length: 9 }, () => [`user-${crypto.randomUUID()}`, 1] as const));
  await expect(client({ timeoutMs: 60_000 }).readNext(many, 1000)).rejects.toMatchObject({ code: 'overloaded' });
  expect(calls).toBe(2);
});

describe('all events of a kind', () => {
  async function allOf(): Promise<number[]> {
    const versions: number[] = [];
    for await (const page of client().all(new AbortController().signal))
      versions.push(...page.map((found) => found.version));
    return versions;
  }

  test('come page by page', async () => {
    answer = (request, response) => {
      const isFirst = !request.url?.includes('cursor=');
      response.end(JSON.stringify({ items: [event(isFirst ? 1 : 2)], nextCursor: isFirst ? 'second' : null }));
    };
    expect(await allOf()).toEqual([1, 2]);
  });

  test.each([
    ['a value that is no event', { items: [event(1), event(2, { time: null })], nextCursor: null }, /time is null/],
    ['the same page again and again', { items: [event(1)], nextCursor: 'more' }, /the same page/],
    ['a page of another form', { items: 1 }, /no page of events; correct USER_SERVICE_URL/],
  ])('%s ends the question, and is not left out', async (_, body, message) => {
    answering(body);
    await expect(allOf()).rejects.toMatchObject({ code: 'overloaded', message: expect.stringMatching(message) });
  });
});
