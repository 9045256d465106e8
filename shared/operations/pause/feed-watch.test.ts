// Goal: the rate is that of the last seconds, and the oldest event in hand is known as long as it is in hand, however the batch ends.
// Method: batches that a test holds back and lets go, on a clock that it moves.

import type { FeedItem } from '../../engine/index.ts';
import { eventOf } from '../../testing/index.ts';
import { createFeedWatch } from './feed-watch.ts';

function world() {
  let nowMs = 1_000_000;
  const watch = createFeedWatch(() => nowMs);
  return { watch, pass: (ms: number) => (nowMs += ms) };
}

const item = (storedAt?: Date): FeedItem => ({
  source: 'events',
  position: 'p',
  storedAt,
  event: eventOf({ subject: 'thing-1' }),
});
const items = (count: number) => Array.from({ length: count }, () => item());

function held() {
  let end: (error?: Error) => void = () => {};
  const done = new Promise<void>((resolve, reject) => {
    end = (error) => (error ? reject(error) : resolve());
  });
  return { handle: () => done, end };
}

test('the rate is that of the last ten seconds, and nothing when nothing comes', async () => {
  const { watch, pass } = world();
  const handle = watch.watched(async () => {});
  expect(watch.eventsPerSecond()).toBe(0);
  await handle(items(60));
  await handle(items(40));
  expect(watch.eventsPerSecond()).toBe(10);
  pass(9_000);
  await handle(items(50));
  expect(watch.eventsPerSecond()).toBe(15);
  pass(1_000);
  expect(watch.eventsPerSecond()).toBe(5);
  pass(60_000);
  expect(watch.eventsPerSecond()).toBe(0);
});

test('the oldest in hand is that of all batches which are in hand', async () => {
  const { watch } = world();
  const [one, two] = [held(), held()];
  const first = watch.watched(one.handle)([item(new Date(5_000)), item(new Date(3_000)), item()]);
  const second = watch.watched(two.handle)([item(new Date(3_000)), item(new Date(4_000))]);
  expect(watch.oldestInHand()).toEqual(new Date(3_000));
  one.end();
  await first;
  expect(watch.oldestInHand()).toEqual(new Date(3_000));
  two.end();
  await second;
  expect(watch.oldestInHand()).toBeUndefined();
});

test('a batch that failed is not in hand, and not counted', async () => {
  const { watch } = world();
  const { handle, end } = held();
  const failing = watch.watched(handle)([item(new Date(1_000))]);
  end(new Error('no server'));
  await expect(failing).rejects.toThrow('no server');
  expect(watch.oldestInHand()).toBeUndefined();
  expect(watch.eventsPerSecond()).toBe(0);
});
