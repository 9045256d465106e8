// What every adapter of own offsets does.
import type { OwnOffset, OwnOffsets } from '../../operations/ports.ts';

const topic = 'thing.events-1';
const at = (next: bigint, id?: string): OwnOffset => ({ next, last: id ? { offset: next - 1n, id } : undefined });

/** @param open gives a new one that is empty */
export function ownOffsetsContract(open: () => OwnOffsets): void {
  test('a topic without offsets is undefined', async () => {
    expect(await open().of(topic)).toBeUndefined();
  });

  test('what was set and moved is read again, and another topic is left alone', async () => {
    const own = open();
    await own.set(
      topic,
      new Map([
        [0, 3n],
        [11, 9_007_199_254_740_991n],
      ]),
    );
    await own.set('other', new Map([[0, 1n]]));
    expect(await own.move(topic, 0, 3n, at(8n, 'an id'))).toBe(true);
    expect(await own.of(topic)).toEqual(
      new Map([
        [0, at(8n, 'an id')],
        [11, at(9_007_199_254_740_991n)],
      ]),
    );
    expect(await own.of('other')).toEqual(new Map([[0, at(1n)]]));
  });

  test('hazard: one that another process moved is not moved from where it was', async () => {
    const own = open();
    await own.set(topic, new Map([[0, 3n]]));
    await own.move(topic, 0, 3n, at(8n, 'a'));
    expect(await own.move(topic, 0, 3n, at(5n, 'b'))).toBe(false);
    expect(await own.of(topic)).toEqual(new Map([[0, at(8n, 'a')]]));
  });

  test('of several moves from one offset at once, one succeeds', async () => {
    const own = open();
    await own.set(
      topic,
      new Map([
        [0, 0n],
        [1, 0n],
      ]),
    );
    const moves = Array.from({ length: 6 }, (_, i) => own.move(topic, i % 2, 0n, at(BigInt(i + 1), `${i}`)));
    expect((await Promise.all(moves)).filter((isDone) => isDone)).toHaveLength(2);
  });

  test('the first offsets are stored once', async () => {
    const own = open();
    await Promise.all([1n, 1n, 1n].map((next) => own.begin(topic, new Map([[0, next]]))));
    await own.begin(topic, new Map([[0, 0n]]));
    expect(await own.of(topic)).toEqual(new Map([[0, at(1n)]]));
    await own.set(topic, new Map([[0, 0n]]));
    expect(await own.of(topic)).toEqual(new Map([[0, at(0n)]]));
  });

  test('a partition that was added later begins at 0', async () => {
    const own = open();
    await own.set(topic, new Map([[0, 3n]]));
    expect(await own.move(topic, 1, 4n, at(5n, 'a'))).toBe(false);
    expect(await own.move(topic, 1, 0n, at(2n, 'a'))).toBe(true);
    expect(await own.of(topic)).toEqual(
      new Map([
        [0, at(3n)],
        [1, at(2n, 'a')],
      ]),
    );
  });

  test('what was given up cannot be moved', async () => {
    const own = open();
    await own.set(topic, new Map([[0, 3n]]));
    await own.forget(topic);
    expect(await own.of(topic)).toBeUndefined();
    expect(await own.move(topic, 0, 3n, at(8n, 'a'))).toBe(false);
    expect(await own.move(topic, 0, 0n, at(8n, 'a'))).toBe(false);
    expect(await own.of(topic)).toBeUndefined();
  });
}
