// Goal: with tokens every route of the shop asks for one, and an environment that could not be safe or complete is refused.
// Method: a matrix of callers and routes; then faulty environments handed to the reader of settings.
import { testMongodbUri } from 'foldline/testing/workspace';
import { readConfig } from './service.ts';
import { type StartedShoppingService, startTestShoppingService } from './testing/started-shopping-service.ts';

describe('with API_TOKENS', () => {
  let shop: StartedShoppingService;
  beforeAll(async () => {
    shop = await startTestShoppingService({
      API_TOKENS: 'web=web-token-0123456789abcdef0123456,ops=ops-token-0123456789abcdef0123456:admin',
    });
  });
  afterAll(() => shop.close());

  describe.each([
    ['nobody', {}, false],
    ['a wrong token', { authorization: 'Bearer web' }, false],
    ['a caller', { authorization: 'Bearer web-token-0123456789abcdef0123456' }, true],
    ['an administrator', { authorization: 'Bearer ops-token-0123456789abcdef0123456' }, true],
  ])('%s', (_, headers, known) => {
    test.each([
      ['GET /customers', 200],
      ['GET /categories', 200],
      ['GET /items', 200],
      ['GET /orders', 200],
      ['POST /categories', 201],
      ['DELETE /items/00000000-0000-4000-8000-000000000000', 404],
      ['GET /metrics', 200],
      ['GET /readyz?verbose', 200],
      ['GET /nothing', 404],
    ])('%s', async (route, status) => {
      const body = route.startsWith('POST') ? { title: 'Books' } : undefined;
      expect((await shop.call(route, body, headers)).status).toBe(known ? status : 401);
    });

    test.each(['/livez', '/readyz', '/problems/deleted'])('%s is for anyone', async (path) => {
      expect((await shop.call(`GET ${path}`, undefined, headers)).status).toBe(200);
    });
  });
});

const whole = { MONGODB_URI: testMongodbUri(), KAFKA_BROKERS: '127.0.0.1:9092' };

test.each<[string, Record<string, string>, RegExp[]]>([
  ['another address without tokens', { HOST: '0.0.0.0' }, [/HOST=0\.0\.0\.0.*API_TOKENS/]],
  ['no feed at all', { KAFKA_BROKERS: '' }, [/KAFKA_BROKERS.*FEED_COLLECTIONS/]],
  ['two feeds', { FEED_COLLECTIONS: 'user-events=users.UserEvents' }, [/KAFKA_BROKERS.*FEED_COLLECTIONS/]],
  ['a feed that is no collection', { KAFKA_BROKERS: '', FEED_COLLECTIONS: 'users' }, [/FEED_COLLECTIONS/]],
  [
    'a login that is not whole',
    { KAFKA_SASL_MECHANISM: 'scram-sha-512' },
    [/KAFKA_SASL_USERNAME/, /KAFKA_SASL_PASSWORD/],
  ],
  [
    'several faults, each of them named',
    { MONGODB_URI: 'localhost', SHOPPING_SERVICE_PORT: '-1', KAFKA_BROKERS: 'somewhere', USER_SERVICE_URL: 'users' },
    [/MONGODB_URI/, /SHOPPING_SERVICE_PORT/, /KAFKA_BROKERS/, /USER_SERVICE_URL/],
  ],
])('an environment with %s is refused', (_, faults, expected) => {
  for (const pattern of expected) expect(() => readConfig({ ...whole, ...faults })).toThrow(pattern);
});

test('another address with tokens is accepted', () => {
  expect(readConfig({ ...whole, HOST: '0.0.0.0', API_TOKENS: 'web=web-token-0123456789abcdef0123456' }).HOST).toBe(
    '0.0.0.0',
  );
});
