// Goal: the writer waits while the queue is full, the reader takes all there is, and the end wakes both.
import { createBoundedQueue } from './change-stream-feed.ts';

const turn = () => new Promise(setImmediate);

test('the reader takes what is there, in order, up to a limit', async () => {
  const queue = createBoundedQueue<number>(10);
  for (const n of [1, 2, 3]) expect(queue.put(n)).toBeUndefined();
  expect(queue.size).toBe(3);
  expect(await queue.take(2)).toEqual([1, 2]);
  expect(await queue.take(2)).toEqual([3]);
  expect(queue.size).toBe(0);
});

test('a reader that waits is woken, and gets what the writer has in hand in one batch', async () => {
  const queue = createBoundedQueue<number>(10);
  const taking = queue.take(10);
  for (const n of [1, 2, 3]) await queue.put(n);
  expect(await taking).toEqual([1, 2, 3]);
});

test('the writer waits while it is full, and goes on once there is room', async () => {
  const queue = createBoundedQueue<number>(2);
  let room = false;
  await queue.put(1);
  void queue.put(2)?.then(() => {
    room = true;
  });
  await turn();
  expect(room).toBe(false);
  await queue.take(1);
  await turn();
  expect(room).toBe(true);
});

test('everything put comes out once, in order, however fast either side is', async () => {
  const queue = createBoundedQueue<number>(3);
  const taken: number[] = [];
  const reading = (async () => {
    for (let batch = await queue.take(2); batch.length > 0; batch = await queue.take(2)) {
      taken.push(...batch);
      if (taken.length % 5 === 0) await turn();
    }
  })();
  for (let n = 0; n < 200; n += 1) {
    await queue.put(n);
    expect(queue.size).toBeLessThanOrEqual(3);
  }
  while (queue.size > 0) await turn();
  queue.end();
  await reading;
  expect(taken).toEqual(Array.from({ length: 200 }, (_, n) => n));
});

test('the end wakes a waiting reader with nothing, and a waiting writer', async () => {
  const queue = createBoundedQueue<number>(1);
  const taking = queue.take(1);
  queue.end();
  expect(await taking).toEqual([]);
  expect(queue.put(1)).toBeUndefined();
  const full = createBoundedQueue<number>(1);
  const putting = full.put(1);
  full.end();
  await expect(putting).resolves.toBeUndefined();
  expect(await full.take(1)).toEqual([]);
});
