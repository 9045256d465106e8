// What every adapter of completeness does.
import type { CompletenessStore } from '../../operations/ports.ts';

const doubtOf = (id: string, ms: number, reason = `reason of ${id}`) => ({ id, reason, since: new Date(ms) });
const equal = { live: 'things', at: new Date(9000) };

/** @param open gives a new one that is empty */
export function completenessContract(open: () => CompletenessStore): void {
  const opened = async () => {
    const store = open();
    await store.open('things', doubtOf('first', 1000));
    const known = async () => (await store.all()).find(({ model }) => model === 'things');
    return { store, known };
  };

  test('a model that is new is in doubt, and opening it again changes nothing', async () => {
    const { store, known } = await opened();
    await store.open('things', doubtOf('second', 2000));
    expect(await known()).toEqual({ model: 'things', equal: undefined, doubt: doubtOf('first', 1000) });
    await store.foundEqual('things', equal, 'first');
    await store.open('things', doubtOf('third', 3000));
    expect(await known()).toEqual({ model: 'things', equal, doubt: undefined });
  });

  test('a doubt ends by the verification that began with it', async () => {
    const { store, known } = await opened();
    await store.foundEqual('things', equal, 'first');
    await store.doubt('things', doubtOf('next', 5000, '$text that is no field'));
    expect(await known()).toEqual({ model: 'things', equal, doubt: doubtOf('next', 5000, '$text that is no field') });
    await store.foundEqual('things', equal, undefined);
    expect((await known())?.doubt?.id).toBe('next');
  });

  test('hazard: a doubt that comes while a verification runs is not ended by its equality', async () => {
    const { store, known } = await opened();
    await store.doubt('things', doubtOf('meanwhile', 5000));
    await store.foundEqual('things', equal, 'first');
    // The time is that of the first doubt, which nothing ended.
    expect(await known()).toEqual({
      model: 'things',
      equal,
      doubt: { ...doubtOf('meanwhile', 1000) },
    });
  });

  test('another model is left alone', async () => {
    const { store, known } = await opened();
    await store.open('boxes', doubtOf('of boxes', 1000));
    await store.foundEqual('boxes', equal, 'of boxes');
    expect((await known())?.doubt?.id).toBe('first');
  });
}
