// Goal: `status` and `restart` say which connectors run, and of each that does not, why, and what lets it go on.
// Method: whole command lines against a fake worker whose connectors fail, come back or were made to stand still.
import { placeForEachTest } from '../testing/run-cli.ts';

const place = placeForEachTest(async () => {
  await run(['apply', place.folder]);
});
const { run } = place;

describe('restart', () => {
  const failing = { state: 'FAILED' as const, trace: 'Timed out after 30000 ms\n\tat x' };
  const restarts = () => place.worker.requests.filter((request) => request.includes('/restart'));

  test('restarts each name and waits until it runs', async () => {
    const { code, out } = await run(['restart', 'user-events']);
    expect(code).toBe(0);
    expect(out.split('\n').at(-1)).toBe('created 0, altered 0, deleted 0, failed 0, restarted 1, unchanged 0');
    expect(restarts()).toEqual(['POST /connectors/user-events/restart?includeTasks=true&onlyFailed=false']);
  });

  test('--only-failed leaves alone what runs', async () => {
    const broken = place.worker.connectors.get('user-events');
    if (broken !== undefined) broken.tasks = [failing];
    const { code, out } = await run(['restart', 'user-events', 'user-snapshots', '--only-failed']);
    expect(code).toBe(0);
    expect(out).toContain('restarted connector user-events');
    expect(restarts()).toEqual(['POST /connectors/user-events/restart?includeTasks=true&onlyFailed=true']);
  });

  test('what fails again: 4; a name that is not there: 1, with those that are', async () => {
    place.worker.onStart = (connector) => {
      connector.tasks = [failing];
    };
    const again = await run(['restart', 'user-events', '--wait', '0']);
    expect([again.code, again.out]).toEqual([4, expect.stringContaining('is FAILED: Timed out after 30000 ms')]);
    const unknown = await run(['restart', 'user-evnts']);
    expect(unknown.code).toBe(1);
    expect(unknown.out).toContain('there is no connector user-evnts');
    expect(unknown.out).toContain('it has user-events, user-snapshots');
  });
});

describe('status', () => {
  test('--wait waits in bounded time, and restarts nothing', async () => {
    const connector = place.worker.connectors.get('user-events');
    if (connector !== undefined) connector.tasks = [{ state: 'FAILED' }];
    expect((await run(['status', place.folder, '--wait', '0'])).code).toBe(4);
    let looks = 0;
    place.worker.fault = (request) => {
      if (request.startsWith('GET /connectors?expand=status') && ++looks === 5 && connector !== undefined)
        connector.tasks = [{ state: 'RUNNING' }];
      return undefined;
    };
    expect((await run(['status', place.folder, '--wait', '30'])).code).toBe(0);
    expect(place.worker.requests.filter((request) => request.includes('/restart'))).toEqual([]);
  });

  test('hazard: the status of a busy worker is old, and a connector that was resumed is called stopped', async () => {
    const connector = place.worker.connectors.get('user-events');
    if (connector === undefined) throw new Error('nothing was applied');
    connector.state = 'STOPPED';
    let looks = 0;
    place.worker.fault = (request) => {
      if (request.startsWith('GET /connectors?expand=status') && ++looks === 4) connector.state = 'RUNNING';
      return undefined;
    };
    expect((await run(['status', place.folder, '--wait', '30'])).code).toBe(0);
    connector.state = 'STOPPED';
    expect((await run(['status', place.folder, '--wait', '30'])).code).toBe(4);
  });

  test('a worker that is away is told after a look, and waited for with --wait', async () => {
    await place.worker.close();
    const ofAPerson = { env: { CONNECT_RETRY_FOR_MS: '300', CONNECT_LOOK_FOR_MS: '50' } };
    const { code, err } = await run(['status', place.folder], ofAPerson);
    expect([code, err]).toEqual([1, expect.stringContaining('did not answer for 50 ms')]);
    expect(err).toContain('start the worker, or set CONNECT_URL or --url');
    for (const verb of [
      ['plan', place.folder],
      ['offsets', 'show', 'user-events'],
    ])
      expect((await run(verb, ofAPerson)).err).toContain('did not answer for 50 ms');
    expect((await run(['status', place.folder, '--wait', '1'], ofAPerson)).err).toContain('did not answer for 300 ms');
  });

  test('--watch shows each change once, outlives a worker that is away, and ends with the signal', async () => {
    const ending = new AbortController();
    const connector = place.worker.connectors.get('user-events');
    let looks = 0;
    place.worker.fault = (request) => {
      if (!request.startsWith('GET /connectors?expand=status') || connector === undefined) return undefined;
      looks += 1;
      if (looks === 3) connector.tasks = [{ state: 'FAILED', trace: 'Broken: pipe' }];
      if (looks === 6) return { status: 400, message: 'away' };
      if (looks === 9) connector.tasks = [{ state: 'RUNNING' }];
      if (looks === 12) ending.abort();
      return undefined;
    };
    const { code, out, err } = await run(['status', place.folder, '--watch', '-o', 'json'], { signal: ending.signal });
    expect(code).toBe(0);
    const states = out.split('\n').map((line) => JSON.parse(line).connectors[0].running);
    expect(states).toEqual([true, false, true]);
    expect(err).toContain('away');
  });
});

describe.each(['PAUSED', 'STOPPED'] as const)('hazard: a connector that somebody had %s', (state) => {
  const line = 'npm run connect -- resume user-events';
  beforeEach(() => {
    place.worker.onStart = () => {};
    Object.assign(place.worker.connectors.get('user-events') ?? {}, { state, tasks: [{ state }] });
  });

  test.each([
    [['status']],
    [['status', '--wait', '600']],
    [['restart', 'user-events', '--wait', '600']],
    [['restart', 'user-events', '--only-failed', '--wait', '600']],
  ])('%j says at once how it goes on: 4', async (args) => {
    const given = args[0] === 'status' ? [...args, place.folder] : args;
    const { code, out } = await run(given);
    expect(code).toBe(4);
    expect(out).toMatch(
      new RegExp(`connector user-events is ${state}, and a restart does not change that; to resume it: ${line}`),
    );
  });
});
