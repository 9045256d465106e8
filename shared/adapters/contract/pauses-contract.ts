// What every store of pauses must do, in one suite that each adapter runs.
import type { Pauses } from '../../operations/ports.ts';

const first = { since: new Date(1000), by: 'ops', reason: 'a move' };
const second = { since: new Date(2000), by: 'another', reason: '' };

export function pausesContract(name: string, open: () => Promise<Pauses>): void {
  describe(`pauses, ${name}`, () => {
    let pauses: Pauses;
    let projection: string;
    beforeAll(async () => {
      pauses = await open();
    });
    beforeEach(() => {
      projection = crypto.randomUUID();
    });

    test('what was never paused is not, and ending it changes nothing', async () => {
      expect(await pauses.read(projection)).toBeUndefined();
      expect(await pauses.end(projection)).toBeUndefined();
    });

    test('a pause is read as it was begun, and is gone when it was ended', async () => {
      expect(await pauses.begin(projection, first)).toBe(first);
      expect(await pauses.read(projection)).toEqual(first);
      expect(await pauses.read(crypto.randomUUID())).toBeUndefined();
      expect(await pauses.end(projection)).toEqual(first);
      expect(await pauses.read(projection)).toBeUndefined();
    });

    test('of two the first stays, also when both come at once', async () => {
      await pauses.begin(projection, first);
      expect(await pauses.begin(projection, second)).toEqual(first);
      expect(await pauses.read(projection)).toEqual(first);
      const other = crypto.randomUUID();
      const [a, b] = await Promise.all([pauses.begin(other, first), pauses.begin(other, second)]);
      expect(a).toEqual(b);
      expect([a === first, b === second]).toContain(true);
      expect(a === first && b === second).toBe(false);
    });
  });
}
