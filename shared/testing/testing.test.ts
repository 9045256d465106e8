// Goal: the parts of tests are themselves what they say: a clock that stands still, ids in order, chance that can be had again.
import { readEnvelope } from '../engine/index.ts';
import { eventOf, eventsOf, newSubject, seededRandom, testClock, testIds } from './index.ts';
import { testMongodbUri, testSeed } from './workspace/config.ts';
import { uniqueDatabaseName } from './workspace/test-database.ts';

test('the clock stands still until it is moved, and what it told stays', () => {
  const clock = testClock(new Date(0));
  const told = clock.now();
  clock.advance(1500);
  expect([told.getTime(), clock.now().getTime()]).toEqual([0, 1500]);
  clock.set(new Date(7));
  expect(clock.now().getTime()).toBe(7);
});

test('ids are UUIDs of version 7, in order, the same in each run, others in each series', () => {
  const [first, second] = [testIds(), testIds()];
  const ids = [first.next(), first.next(), first.next()];
  expect(ids).toEqual([...ids].sort());
  expect([second.next(), second.next()]).toEqual(ids.slice(0, 2));
  expect(ids).not.toContain(testIds(1).next());
  for (const id of [...ids, testIds(4095).next()])
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('built events are valid, and no two are one', () => {
  const subject = newSubject('thing');
  const events = eventsOf(subject, [{}, { type: 'thingNamed_v2', data: { name: 'a' } }], 4);
  expect(events.map(({ version }) => version)).toEqual([4, 5]);
  expect(events[1]).toMatchObject({ subject, type: 'thingNamed_v2', data: { name: 'a' } });
  for (const event of [...events, eventOf({ subject })]) expect(readEnvelope(event)).toEqual({ event });
  expect(new Set([...events, eventOf({ subject }), eventOf({ subject })].map(({ id }) => id)).size).toBe(4);
});

test('the same seed gives the same sequence, spread over the range', () => {
  const sequence = (seed: number) => {
    const random = seededRandom(seed);
    return Array.from({ length: 1000 }, () => random.below(10));
  };
  expect(sequence(5)).toEqual(sequence(5));
  expect(sequence(5)).not.toEqual(sequence(6));
  expect(new Set(sequence(5)).size).toBe(10);
  expect(() => seededRandom(1).pick([])).toThrow('nothing to pick');
});

test('where the servers are is told by the environment, or said to be missing', () => {
  expect(testMongodbUri({ TEST_MONGODB_URI: 'mongodb://x' })).toBe('mongodb://x');
  expect(() => testMongodbUri({})).toThrow('TEST_MONGODB_URI');
  expect(testSeed({ TEST_SEED: '17' })).toBe(17);
  expect(uniqueDatabaseName()).not.toBe(uniqueDatabaseName());
});
