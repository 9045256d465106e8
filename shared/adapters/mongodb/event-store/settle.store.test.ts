// Goal: an append that is still on its way while it is settled is never called a conflict with itself.
// Method: the own insert lands between two readings of the settlement.
import type { Collection } from 'mongodb';
import type { StoredEvent } from '../../../engine/index.ts';
import { openTestDatabase, type TestDatabase } from '../../../testing/workspace/index.ts';
import { named, nameRule, newThing } from '../../contract/things.ts';
import { ensureEventCollection } from './event-collection.ts';
import { settle, settleTogether } from './settle.ts';

let database: TestDatabase;
let events: Collection<StoredEvent>;
beforeAll(async () => {
  database = await openTestDatabase();
  events = await ensureEventCollection(database.db, 'Events');
});
afterAll(() => database.close());

/** The collection, into which `late` is inserted right behind its first reading. */
function landingBehindFirstReading(late: readonly StoredEvent[]): Collection<StoredEvent> {
  let landed = false;
  const readings = {
    find: (...asked: Parameters<typeof events.find>) => {
      const cursor = events.find(...asked);
      if (landed) return cursor;
      landed = true;
      const reading = {
        async toArray() {
          const seen = await cursor.toArray();
          await events.insertMany(late.map((event) => ({ ...event })));
          return seen;
        },
      };
      return {
        map(decode: Parameters<typeof cursor.map>[0]) {
          cursor.map(decode);
          return reading;
        },
      };
    },
  };
  return new Proxy(events, {
    get: (target, key) => (key === 'find' ? readings.find : Reflect.get(target, key, target)),
  });
}

test('one event', async () => {
  const event = named(newThing(), 1, newThing());
  expect(await settle(landingBehindFirstReading([event]), [nameRule], [event])).toEqual([{ kind: 'again' }]);
  expect(await settle(events, [nameRule], [event])).toEqual([{ kind: 'stored', events: [event] }]);
});

test('several events', async () => {
  const subject = newThing();
  const members = [named(subject, 1, newThing()), named(subject, 2, newThing())];
  expect(await settleTogether(landingBehindFirstReading(members), [nameRule], members)).toEqual({ kind: 'again' });
  expect(await settleTogether(events, [nameRule], members)).toEqual({ kind: 'stored', events: members });
});
