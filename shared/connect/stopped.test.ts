// Goal: Ctrl-C on a verb that changes connectors says what is done and what the same command does then, and ends with 130.
// A failure is told once. Method: whole command lines beside a fake worker; the signal comes with a request of the run.
import { placeForEachTest } from './testing/run-cli.ts';

const place = placeForEachTest();
const { run } = place;

/** Runs the verb, and ends it at the first request that begins so, once another was made. */
async function endedAt(start: string, args: readonly string[], after = '') {
  const ending = new AbortController();
  place.worker.fault = (request) => {
    if (request.startsWith(start) && place.worker.requests.some((one) => one.startsWith(after))) ending.abort();
    return undefined;
  };
  const ended = await run(args, { signal: ending.signal });
  place.worker.fault = () => undefined;
  return { code: ended.code, last: ended.err.split('\n').at(-1) };
}

test('apply: what was created is named, and the same command creates the rest', async () => {
  const { code, last } = await endedAt('GET /connectors/user-snapshots/tasks', ['apply', place.folder]);
  expect(code).toBe(130);
  expect(last).toMatch(
    /^Stopped while asking \S+user-snapshots\/tasks\. Done before: created topic user-events, created topic user-snapshots, created topic foldline-heartbeats, created connector user-events\. The same command goes on with the rest\.$/,
  );
  const again = await run(['apply', place.folder]);
  expect([again.code, again.out.split('\n').at(-1)]).toEqual([
    0,
    'created 0, altered 0, deleted 0, failed 0, unchanged 5',
  ]);
});

test('apply while it waits until the connectors run: everything that was created is named', async () => {
  const { code, last } = await endedAt(
    'GET /connectors?expand=status',
    ['apply', place.folder],
    'GET /connectors/user-snapshots/tasks',
  );
  expect([code, last]).toEqual([130, expect.stringContaining('created connector user-snapshots. The same command')]);
});

test('plan changes nothing, and has nothing to name', async () => {
  const { code, last } = await endedAt('GET /connectors?expand=info', ['plan', place.folder]);
  expect([code, last]).toEqual([130, expect.stringMatching(/^Stopped while asking \S+\.$/)]);
});

test('verbs by name: the connectors that were done are named', async () => {
  await run(['apply', place.folder]);
  const stopped = await endedAt('PUT /connectors/user-snapshots/stop', ['stop', 'user-events', 'user-snapshots']);
  expect([stopped.code, stopped.last]).toEqual([
    130,
    expect.stringContaining('before: stopped connector user-events.'),
  ]);
  const resumed = await endedAt('GET /connectors/user-snapshots/config', ['resume', 'user-events', 'user-snapshots']);
  expect([resumed.code, resumed.last]).toEqual([
    130,
    expect.stringContaining('before: resumed connector user-events.'),
  ]);
});

test('refill: the connector that copies goes on by itself, and what finishes an interrupted restart is named', async () => {
  await run(['apply', place.folder]);
  const { code, last } = await endedAt('GET /connectors/user-snapshots/offsets', [
    'refill',
    'user-snapshots',
    '--files',
    place.folder,
    '--yes',
  ]);
  expect([code, last]).toEqual([
    130,
    expect.stringContaining('Done before: nothing. Connector user-snapshots goes on'),
  ]);
  expect((await run(['apply', place.folder])).code).toBe(0);
});

test('hazard: a worker that is away is told once by status --watch, however often it is looked at', async () => {
  await run(['apply', place.folder]);
  const ending = new AbortController();
  let looks = 0;
  place.worker.fault = () => {
    looks += 1;
    if (looks === 6) ending.abort();
    return { status: 400, message: 'away' };
  };
  const { err } = await run(['status', place.folder, '--watch'], { signal: ending.signal });
  expect(err.match(/away/g)).toHaveLength(1);
});

test('a worker that does not answer is told with its reason once', async () => {
  await place.worker.close();
  const { code, err } = await run(['status', place.folder]);
  expect([code, err.match(/ECONNREFUSED/g)?.length]).toEqual([1, 1]);
  expect(err.split('\n')[0]).toBe(`Kafka Connect at ${place.worker.url} does not answer; trying again`);
});
