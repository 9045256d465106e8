// Goal: the shop learns from user-service's readiness how far its users are, whatever other checks say or leave out.
// Method: a small server that plays user-service.
import { startLocalServer } from 'foldline/testing/workspace';
import { snapshotsOfUsers } from './arrivals.ts';
import { readConfig } from './config.ts';

const newest = { subject: 'user-018f0000-0000-7000-8000-000000000001', version: 3 };
const newestUnheld = { subject: 'user-018f0000-0000-7000-8000-000000000002', version: 1 };

const counted = { subjects: 298, versions: 640 };

async function askedOf(body: object, figures: object = counted, status = 200) {
  const server = await startLocalServer((request, response) => {
    const isFigures = request.url === '/figures/users';
    response.statusCode = isFigures ? status : 200;
    response.end(JSON.stringify(isFigures ? figures : body));
  });
  const env = { MONGODB_URI: 'mongodb://127.0.0.1:1', KAFKA_BROKERS: '127.0.0.1:1', USER_SERVICE_URL: server.url };
  return snapshotsOfUsers(readConfig(env), new AbortController().signal).finally(() => server.close());
}

// The hazard: most checks have no data, and one of them made the whole answer unknown; no resync was proven ever after.
test('checks without data keep nobody from reading those that have some', async () => {
  const checks = [
    { name: 'user-events', ready: true, detail: 'caught-up', data: { newest, newestUnheld, complete: true } },
    { name: 'projector', ready: true, detail: 'no error' },
    { name: 'held-subjects', ready: true, data: [{ key: newest.subject, seenVersion: 4 }] },
  ];
  expect(await askedOf({ status: 'ready', checks })).toEqual({
    ...{ newestUnheld, complete: true, moreHeld: false, figures: counted },
    held: [{ key: newest.subject, seenVersion: 4 }],
  });
});

test('an answer without checks is not user-service', async () => {
  await expect(askedOf({ status: 'ready' })).rejects.toThrow('correct USER_SERVICE_URL or USER_SERVICE_TOKEN');
});

test.each([
  ['of an earlier release', 404, { code: 'not-found' }, 'run the version of this service there too'],
  ['of another version', 200, { subjects: 'many' }, 'run the version of this service there too'],
  ['that cannot count now', 503, { code: 'overloaded' }, 'look into its log'],
])('a user-service %s tells no figures: nothing is proven by it', async (_, status, figures, wayOut) => {
  await expect(askedOf({ status: 'ready', checks: [] }, figures, status)).rejects.toThrow(
    `answers ${status} when asked how many users it has; ${wayOut}`,
  );
});
