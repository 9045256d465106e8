// Goal: a worker that restarts, rebalances or loses an answer does not fail a deployment; one that stays away ends it in bounded time.
// Method: a fake worker over real HTTP that fails on demand.
import { defaultLimits } from './config.ts';
import { connectRest } from './connect-rest.ts';
import { type FakeWorker, type Fault, startFakeWorker } from './testing/fake-worker.ts';

const limits = { ...defaultLimits, requestTimeoutMs: 200, retryForMs: 400, retryInitialMs: 5, retryMaxMs: 20 };
let worker: FakeWorker;

beforeEach(async () => {
  worker = await startFakeWorker();
});
afterEach(() => worker.close());

const times = (count: number, fault: Fault) => {
  let left = count;
  return () => (left-- > 0 ? fault : undefined);
};

test.each<[string, Fault]>([
  ['409 during a rebalance', { status: 409 }],
  ['500', { status: 500 }],
  ['the 404 page of a starting worker', 'starting'],
  ['a cut connection', 'cut'],
  ['an answer lost after the work', 'cut-after'],
])('%s is tried again', async (_what, fault) => {
  worker.fault = times(3, fault);
  const told: string[] = [];
  // What is tried again is not to be given up on a busy machine.
  const patient = { ...limits, retryForMs: 20_000 };
  const rest = connectRest({ url: worker.url, limits: patient, onRetry: (reason) => told.push(reason) });
  await rest.putConfig('c', { a: '1' });
  expect(worker.connectors.get('c')?.config).toEqual({ a: '1' });
  expect(told.length).toBeGreaterThanOrEqual(1);
});

test('a connector that is made STOPPED, and whose answer is lost, is made once; the 409 of the second try is no rebalance', async () => {
  worker.fault = times(1, 'cut-after');
  const rest = connectRest({ url: worker.url, limits: { ...limits, retryForMs: 20_000 } });
  await rest.createStopped('c', { a: '1' });
  expect(worker.connectors.get('c')).toMatchObject({ config: { a: '1' }, state: 'STOPPED' });
  expect(worker.requests).toEqual(['POST /connectors', 'POST /connectors']);
  worker.fault = times(2, { status: 409, message: 'Cannot complete request because of a conflicting operation' });
  await rest.createStopped('d', {});
  expect(worker.connectors.has('d')).toBe(true);
});

test('409 is tried for longer than 5xx, which may be final', async () => {
  worker.fault = () => ({ status: 500, message: 'No class X' });
  await expect(connectRest({ url: worker.url, limits }).putConfig('c', {})).rejects.toThrow('with 500: No class X');
  expect(worker.requests).toHaveLength(limits.serverErrorTries);
  worker.fault = times(12, { status: 409 });
  await connectRest({ url: worker.url, limits: { ...limits, retryForMs: 20_000 } }).putConfig('c', {});
});

test('400 is final and told in the words of the worker, without its pointer to the manual', async () => {
  worker.fault = () => ({
    status: 400,
    message:
      'Invalid: 1 error(s):\nbad uri mongodb://u:p@h\nYou can also find the above list of errors at the endpoint `/x`',
  });
  await expect(connectRest({ url: worker.url, limits }).putConfig('c', {})).rejects.toThrow(
    /with 400: Invalid: 1 error\(s\): bad uri mongodb:\/\/\*\*\*@h$/,
  );
  expect(worker.requests).toHaveLength(1);
});

test.each([
  [{ error: 'bad uri mongodb://u:p@h' }, 'with 400: {"error":"bad uri mongodb://***@h"}'],
  [{ message: ' ', details: [7] }, 'with 400: {"message":" ","details":[7]}'],
  [['refused'], 'with 400: ["refused"]'],
  ['', 'with 400: the answer gives no reason; the log of the worker may say more'],
])('a refusal in another form than a message is told as it is: %j', async (body, told) => {
  worker.fault = () => ({ status: 400, body });
  await expect(connectRest({ url: worker.url, limits }).putConfig('c', {})).rejects.toThrow(told);
});

test('a worker that is away ends in bounded time, with the address and the way out', async () => {
  await worker.close();
  const startedMs = performance.now();
  const failure = await connectRest({ url: worker.url, limits })
    .configs()
    .catch((error: Error) => error);
  expect(failure).toMatchObject({ code: 'worker-unreachable', message: expect.stringContaining('ECONNREFUSED') });
  expect(String(failure)).toContain('CONNECT_URL');
  expect(performance.now() - startedMs).toBeLessThan(limits.retryForMs + 1_000);
  worker = await startFakeWorker();
});

test('the signal ends the tries at once', async () => {
  worker.fault = () => ({ status: 409 });
  const ending = new AbortController();
  const call = connectRest({
    url: worker.url,
    limits: { ...limits, retryForMs: 60_000 },
    signal: ending.signal,
  }).configs();
  setTimeout(() => ending.abort(), 30);
  await expect(call).rejects.toMatchObject({ code: 'aborted' });
});

test('a starting worker is not taken for one without connectors', async () => {
  const rest = connectRest({ url: worker.url, limits });
  await rest.putConfig('c', { a: '1' });
  worker.fault = times(3, 'starting');
  expect(await rest.config('c')).toEqual({ a: '1' });
});

test('404 is an answer, not a failure', async () => {
  const rest = connectRest({ url: worker.url, limits });
  expect(await rest.config('none')).toBeUndefined();
  expect(await rest.remove('none')).toBe(false);
});
