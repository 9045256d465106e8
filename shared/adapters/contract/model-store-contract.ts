// What every store of generations must do: a change of a record is one update that happens for one asker only, in time or not at
// all, and a process lives as long as its lease by the store's clock.
import { setTimeout as sleep } from 'node:timers/promises';
import { discarded, started, switched } from '../../operations/index.ts';
import type { ModelRecord, ModelStore } from '../../operations/ports.ts';

const longMs = 60_000;
const since = new Date(1000);

export function modelStoreContract(name: string, open: () => Promise<ModelStore>): void {
  describe(`models: ${name}`, () => {
    let store: ModelStore;
    let model: string;
    let count = 0;
    beforeAll(async () => {
      store = await open();
    });
    beforeEach(async () => {
      count += 1;
      model = `things-${count}`;
      await store.open(model);
    });
    const record = async () => (await store.all()).find((one) => one.model === model) as ModelRecord;
    const backfill = { from: 'store', unit: 'events', by: 'p1' };

    async function moved(
      id: string,
      kind: 'start' | 'switch' | 'discard',
      change: Parameters<ModelStore['carryOut']>[2],
    ) {
      expect(await store.ask(await record(), { id, kind }, longMs)).toBe(true);
      expect(await store.carryOut(model, id, change)).toBe(true);
      await store.end(model, id);
    }

    test('a model is opened once, with its plain name as its live generation', async () => {
      await moved('m', 'start', started(await record(), backfill, since));
      await store.open(model);
      expect(await record()).toMatchObject({ revision: 2, live: model, other: { name: `${model}_g2` } });
    });

    test('of two who ask, at a revision that is not so any more, or in the middle of a switchover, one is heard', async () => {
      const before = await record();
      const asked = await Promise.all(['a', 'b'].map((id) => store.ask(before, { id, kind: 'start' }, longMs)));
      expect(asked.filter(Boolean)).toHaveLength(1);
      const { switchover } = await record();
      expect(await store.ask(before, { id: 'c', kind: 'start' }, longMs)).toBe(false);
      expect(await store.carryOut(model, switchover?.id as string, started(before, backfill, since))).toBe(true);
      await store.end(model, switchover?.id as string);
      expect(await store.ask(before, { id: 'd', kind: 'start' }, longMs)).toBe(false);
      expect(await store.ask(await record(), { id: 'e', kind: 'discard' }, longMs)).toBe(true);
    });

    test('a switchover is carried out once, changes all of it at once, and raises the revision', async () => {
      await moved('1', 'start', started(await record(), backfill, since));
      expect(await store.backfilled(model, `${model}_g2`, 'p1')).toBe(true);
      await store.ask(await record(), { id: '2', kind: 'switch' }, longMs);
      const change = switched(await record(), since);
      expect([await store.carryOut(model, '2', change), await store.carryOut(model, '2', change)]).toEqual([
        true,
        false,
      ]);
      expect(await record()).toMatchObject({
        revision: 4,
        live: `${model}_g2`,
        last: 2,
        dropping: [],
        switchover: { id: '2', kind: 'switch', moved: true },
        other: { name: model, state: 'following', former: true },
      });
      // What was carried out is not taken back.
      expect(await store.takeBack(model, '2', true)).toBe(false);
      await store.end(model, '2');
      expect((await record()).switchover).toBeUndefined();
    });

    test('a request is taken back by force, or when its time is over, and is not carried out then', async () => {
      const before = await record();
      const change = started(before, backfill, since);
      await store.ask(before, { id: 'x', kind: 'start' }, longMs);
      expect(await store.takeBack(model, 'x', false)).toBe(false);
      expect(await store.takeBack(model, 'other', true)).toBe(false);
      expect(await store.takeBack(model, 'x', true)).toBe(true);
      expect(await store.carryOut(model, 'x', change)).toBe(false);
      await store.ask(before, { id: 'y', kind: 'start' }, 1);
      await sleep(5);
      expect(await store.carryOut(model, 'y', change)).toBe(false);
      expect(await store.takeBack(model, 'y', false)).toBe(true);
      expect(await record()).toEqual(before);
      // Nobody carried it out: there is nothing to end.
      await store.ask(before, { id: 'z', kind: 'start' }, longMs);
      await store.end(model, 'z');
      expect((await record()).switchover?.id).toBe('z');
    });

    test('a backfill is reported by whoever fills, taken over from another once, and ends with its generation', async () => {
      await moved('1', 'start', started(await record(), backfill, since));
      const generation = `${model}_g2`;
      const shown = { ...backfill, done: 5, of: 9, aligned: 0 };
      expect(await store.reportBackfill(model, generation, shown)).toBe(true);
      expect((await record()).other?.backfill).toEqual(shown);
      expect(await store.reportBackfill(model, generation, { ...shown, by: 'p2' })).toBe(false);
      expect(await store.takeBackfill(model, generation, 'p1', 'p2')).toBe(true);
      expect(await store.takeBackfill(model, generation, 'p1', 'p3')).toBe(false);
      expect(await store.reportBackfill(model, generation, shown)).toBe(false);
      const { revision } = await record();
      expect(await store.backfilled(model, generation, 'p1')).toBe(false);
      expect(await store.backfilled(model, generation, 'p2')).toBe(true);
      expect(await record()).toMatchObject({ revision: revision + 1, other: { state: 'following' } });
      await moved('2', 'discard', discarded(await record()));
      expect(await record()).toMatchObject({ live: model, dropping: [generation] });
      expect((await record()).other).toBeUndefined();
      expect(await store.reportBackfill(model, generation, { ...shown, by: 'p2' })).toBe(false);
      await store.dropped(model, generation);
      expect(await record()).toMatchObject({ dropping: [], last: 2 });
    });

    test('a process lives as long as its lease, and is known by what it said last', async () => {
      const one = `${model}-one`;
      const state = async (id: string) => (await store.living()).find((process) => process.id === id);
      await store.renew({ id: one, paused: [], taken: {} }, longMs);
      await store.renew({ id: one, paused: ['m'], taken: { [model]: 3 } }, longMs);
      expect(await state(one)).toEqual({ id: one, paused: ['m'], taken: { [model]: 3 } });
      await store.renew({ id: one, paused: [], taken: {} }, 1);
      await sleep(5);
      expect(await state(one)).toBeUndefined();
      await store.renew({ id: one, paused: [], taken: {} }, longMs);
      expect(await state(one)).toBeDefined();
      await store.leave(one);
      expect(await state(one)).toBeUndefined();
    });
  });
}
