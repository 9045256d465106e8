// Goal: a reader waits until a version is there, is woken by news, also finds what another process wrote, and never waits too long.
import { createVersionWaiters, readAtLeast } from './version-waiters.ts';

const patient = { waitersMax: 10, pollMs: 60_000 };

function document(version = 0) {
  const looks: number[] = [];
  const it = {
    version,
    looks,
    look: async () => {
      looks.push(it.version);
      return it.version;
    },
  };
  return it;
}

const turn = () => new Promise(setImmediate);

test('what is there already is not waited for', async () => {
  const it = document(3);
  expect(await createVersionWaiters(patient).wait('s', 3, 60_000, it.look)).toBe(true);
  expect(it.looks).toEqual([3]);
});

test('news of the subject wakes, news of others does not, and a version on the way is waited past', async () => {
  const waiters = createVersionWaiters(patient);
  const it = document(1);
  const waiting = waiters.wait('s', 3, 60_000, it.look);
  await turn();
  waiters.reached(new Map([['other', 9]]));
  await turn();
  expect(it.looks).toEqual([1]);
  it.version = 2;
  waiters.reached(new Map([['s', 2]]));
  await turn();
  expect(it.looks).toEqual([1, 2]);
  it.version = 3;
  waiters.reached(new Map([['s', 3]]));
  expect(await waiting).toBe(true);
});

// The hazard: the write comes after the look and before the wait, and its news is missed.
test('news that comes while it looks is not missed', async () => {
  const waiters = createVersionWaiters(patient);
  let version = 1;
  const look = async () => {
    const seen = version;
    version = 2;
    waiters.reached(new Map([['s', 2]]));
    await turn();
    return seen;
  };
  expect(await waiters.wait('s', 2, 60_000, look)).toBe(true);
});

test('what another process wrote is found by looking', async () => {
  const it = document(1);
  const waiting = createVersionWaiters({ ...patient, pollMs: 1 }).wait('s', 2, 60_000, it.look);
  await turn();
  it.version = 2;
  expect(await waiting).toBe(true);
});

test('the wait ends with its time, and with its signal', async () => {
  const waiters = createVersionWaiters(patient);
  expect(await waiters.wait('s', 1, 5, document().look)).toBe(false);
  const closing = new AbortController();
  const waiting = waiters.wait('s', 1, 60_000, document().look, closing.signal);
  await turn();
  closing.abort();
  expect(await waiting).toBe(false);
});

test('a look that fails fails its reader', async () => {
  await expect(
    createVersionWaiters(patient).wait('s', 1, 60_000, () => Promise.reject(new Error('down'))),
  ).rejects.toThrow('down');
});

test('no more wait than may, and a place is free again once a wait ended, however it did', async () => {
  const waiters = createVersionWaiters({ waitersMax: 1, pollMs: 60_000 });
  const it = document();
  const first = waiters.wait('s', 1, 60_000, it.look);
  await expect(waiters.wait('t', 1, 60_000, it.look)).rejects.toMatchObject({ code: 'overloaded' });
  it.version = 1;
  waiters.reached(new Map([['s', 1]]));
  expect(await first).toBe(true);
  await waiters.wait('t', 2, 60_000, () => Promise.reject(new Error())).catch(() => undefined);
  expect(await waiters.wait('t', 1, 60_000, it.look)).toBe(true);
});

describe('reading at least a version', () => {
  const reading = (version: number, minVersion: number | undefined, waitMs = 0) =>
    readAtLeast({
      waiters: createVersionWaiters(patient),
      subject: 's',
      minVersion,
      waitMs,
      read: async () => ({ version }),
      versionOf: (it) => it.version,
    });

  test('answers what is enough, and says what is there when it is not', async () => {
    expect(await reading(2, undefined)).toEqual({ version: 2 });
    expect(await reading(2, 2)).toEqual({ version: 2 });
    await expect(reading(2, 3)).rejects.toMatchObject({ code: 'version-not-yet', currentVersion: 2 });
    await expect(reading(2, 3, 5)).rejects.toMatchObject({ code: 'version-not-yet', currentVersion: 2 });
  });
});
