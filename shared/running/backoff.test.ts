// Goal: waits grow, stay within their limits, and end with their signal; a batch is tried until it is written.
import { backoffMs, pause, retrying } from './retrying.ts';

const backoff = { initialMs: 100, maxMs: 1000 };

test('the wait doubles up to its limit, and lies between half of it and all of it', () => {
  const least = [1, 2, 3, 4, 5, 60, 2000].map((attempt) => backoffMs(backoff, attempt, () => 0));
  const most = [1, 2, 3, 4, 5, 60, 2000].map((attempt) => backoffMs(backoff, attempt, () => 1));
  expect(least).toEqual([50, 100, 200, 400, 500, 500, 500]);
  expect(most).toEqual([100, 200, 400, 800, 1000, 1000, 1000]);
});

test('a pause ends with its time, or at once with its signal', async () => {
  const closing = new AbortController();
  const long = pause(60_000, closing.signal);
  await pause(1);
  closing.abort();
  await long;
  await pause(60_000, closing.signal);
});

test('a batch is tried until it is written, and the trouble is told and taken back', async () => {
  const told: (string | undefined)[] = [];
  let failures = 3;
  const handle = retrying(
    async () => {
      failures -= 1;
      if (failures >= 0) throw new Error(`no ${failures}`);
    },
    { retry: { initialMs: 1, maxMs: 2 }, signal: new AbortController().signal, report: (news) => told.push(news) },
  );
  await handle([]);
  expect(told).toEqual(['no 2', 'no 1', 'no 0', undefined]);
});

test('when whoever feeds it is closed, the last error is thrown, so that nothing counts as written', async () => {
  const closing = new AbortController();
  const handle = retrying(() => Promise.reject(new Error('down')), {
    retry: { initialMs: 60_000, maxMs: 60_000 },
    signal: closing.signal,
    report: () => closing.abort(),
  });
  await expect(handle([])).rejects.toThrow('down');
});
