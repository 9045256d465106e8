// Goal: `supervise` keeps connectors running until it is ended, and says each step in a line. Method: whole command lines against a fake worker.
import { placeForEachTest } from '../testing/run-cli.ts';

const place = placeForEachTest(async () => {
  await place.run(['apply', place.folder]);
});

/** Ends the command line once `isDone`. */
async function supervised(args: readonly string[], isDone: () => boolean, env: Record<string, string> = {}) {
  const ending = new AbortController();
  const around = { CONNECT_SUPERVISE_EVERY_MS: '5', ...env };
  const running = place.run(['supervise', place.folder, ...args], { signal: ending.signal, env: around });
  while (!isDone()) await new Promise((resolve) => setTimeout(resolve, 2));
  ending.abort();
  return running;
}

const restarts = () => place.worker.requests.filter((request) => request.includes('/restart'));
const fail = () => {
  const connector = place.worker.connectors.get('user-events');
  if (connector) connector.tasks = [{ state: 'FAILED', trace: 'Timed out after 30000 ms\n\tat x' }];
};

test('a failed task is restarted, with a line for it; Ctrl-C is the end of it, not a failure', async () => {
  fail();
  const { code, out, err } = await supervised([], () => restarts().length > 0);
  expect(code).toBe(0);
  expect(out).toMatch(
    /^20\S+Z user-events is restarted, try 1: task 0 of user-events is FAILED: Timed out after 30000 ms/,
  );
  expect(err).toContain(`supervising user-events, user-snapshots at ${place.worker.url}; Ctrl-C ends it`);
  expect(err).toContain('MONGODB_URI is not set: connectors that do not move on are not healed');
});

test('-o json prints one event a line', async () => {
  fail();
  const { out } = await supervised(['-o', 'json'], () => restarts().length > 0);
  expect(JSON.parse(out.split('\n')[0] ?? '')).toMatchObject({
    at: expect.any(String),
    type: 'restarting',
    name: 'user-events',
    attempt: 1,
  });
});

test('files with faults are refused before anything is looked at', async () => {
  const before = place.worker.requests.length;
  const { code, err } = await place.run(['supervise', `${place.folder}/nothing-here.json`]);
  expect([code, place.worker.requests.length]).toEqual([1, before]);
  expect(err).toContain('nothing-here.json');
});
