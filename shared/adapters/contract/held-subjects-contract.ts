// What every list of held subjects must do: one entry per key, the first `since`, the last reason, attempts counted.
import { detailCharactersMax, type Held, type HeldSubjects } from '../../engine/index.ts';
import { newThing } from './things.ts';

const held = (key: string, more: Partial<Held> = {}): Omit<Held, 'attempts'> => ({
  key,
  projection: 'things',
  appliedVersion: 1,
  seenVersion: 3,
  reason: 'hole',
  detail: 'version 3 arrived after version 1',
  since: new Date(1000),
  ...more,
});

/** @param open gives an empty list each time */
export function heldSubjectsContract(name: string, open: () => Promise<HeldSubjects>): void {
  describe(`held subjects: ${name}`, () => {
    let port: HeldSubjects;
    beforeEach(async () => {
      port = await open();
    });

    test('what is held is listed by key, and counted', async () => {
      const keys = [newThing(), newThing(), 'user-events/0@17'].sort();
      await port.hold(keys.toReversed().map((key) => held(key)));
      expect((await port.list(10)).map(({ key }) => key)).toEqual(keys);
      expect((await port.list(2)).map(({ key }) => key)).toEqual(keys.slice(0, 2));
      expect(await port.list(1)).toEqual([{ ...held(keys[0] as string), attempts: 1 }]);
      expect(await port.count()).toBe(3);
    });

    test('held again: one more attempt, the first since, the newest reason', async () => {
      const key = newThing();
      await port.hold([held(key)]);
      await port.hold([held(key, { since: new Date(9000), reason: 'invalid-data', appliedVersion: 2, detail: 'x' })]);
      expect(await port.list(10)).toEqual([
        { ...held(key, { reason: 'invalid-data', appliedVersion: 2, detail: 'x' }), attempts: 2 },
      ]);
    });

    test('a detail is kept as far as it is bounded', async () => {
      const key = newThing();
      await port.hold([held(key, { detail: 'x'.repeat(600_000) })]);
      expect((await port.list(1)).map(({ detail }) => detail.length)).toEqual([detailCharactersMax]);
    });

    test('among tells which are held, and how', async () => {
      const [one, other] = [newThing(), newThing()];
      await port.hold([held(one, { appliedVersion: 4 })]);
      expect(await port.among([one, other])).toEqual(
        new Map([[one, { ...held(one, { appliedVersion: 4 }), attempts: 1 }]]),
      );
      expect(await port.among([])).toEqual(new Map());
    });

    test('one that saw a higher version than was reached stays held, whoever asks for its release', async () => {
      const key = newThing();
      await port.hold([held(key, { seenVersion: 5 })]);
      await port.hold([held(key, { seenVersion: 6 })]);
      await port.hold([held(key, { seenVersion: 4 })]);
      await port.release(new Map([[key, 5]]));
      expect((await port.list(10)).map(({ key: one, seenVersion }) => [one, seenVersion])).toEqual([[key, 6]]);
      await port.release(new Map([[key, 6]]));
      expect(await port.count()).toBe(0);
    });

    test('what was released is gone, and starts anew when held again', async () => {
      const [one, other] = [newThing(), newThing()];
      await port.hold([held(one), held(other)]);
      await port.hold([held(one)]);
      await port.release(
        new Map([
          [one, 100],
          [newThing(), 100],
        ]),
      );
      await port.release(new Map());
      await port.hold([]);
      expect((await port.list(10)).map(({ key }) => key)).toEqual([other]);
      await port.hold([held(one, { since: new Date(5000) })]);
      expect((await port.list(10)).find(({ key }) => key === one)).toMatchObject({
        attempts: 1,
        since: new Date(5000),
      });
    });
  });
}
