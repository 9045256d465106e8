// Goal: a subject can be read whole, from a version, up to a version, as of a time; several subjects in one question.
import type { EventStore } from '../../engine/index.ts';
import { newThing, noted } from './things.ts';

export function readingContract(store: () => EventStore): void {
  const second = (n: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, n));

  async function subjectOf(versions: number): Promise<string> {
    const subject = newThing();
    const events = Array.from({ length: versions }, (_, i) => noted(subject, i + 1, { time: second((i + 1) * 10) }));
    await store().append(events);
    return subject;
  }

  const versionsOf = (events: readonly { version: number }[]) => events.map(({ version }) => version);

  test('a range of versions, in order', async () => {
    const subject = await subjectOf(12);
    const read = async (range: Parameters<EventStore['read']>[1]) => versionsOf(await store().read(subject, range));
    expect(await read({})).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(await read({ afterVersion: 9 })).toEqual([10, 11, 12]);
    expect(await read({ afterVersion: 12 })).toEqual([]);
    expect(await read({ afterVersion: 99 })).toEqual([]);
    expect(await read({ upToVersion: 2 })).toEqual([1, 2]);
    expect(await read({ afterVersion: 3, upToVersion: 5 })).toEqual([4, 5]);
    expect(await read({ afterVersion: 3, limit: 2 })).toEqual([4, 5]);
    expect(await read({ upToVersion: 99, limit: 1 })).toEqual([1]);
  });

  test('a subject without events reads as empty', async () => {
    expect(await store().read(newThing())).toEqual([]);
    expect(await store().readAsOf(newThing(), second(0))).toEqual([]);
  });

  test('events carry nothing of the store but claims and request', async () => {
    const subject = await subjectOf(1);
    const [event] = await store().read(subject);
    expect(Object.keys(event ?? {}).sort()).toEqual([
      'data',
      'id',
      'source',
      'specversion',
      'subject',
      'time',
      'type',
      'version',
    ]);
  });

  test('as of a time: the longest prefix none of which is later', async () => {
    const subject = await subjectOf(3);
    const asOf = async (instant: Date) => versionsOf(await store().readAsOf(subject, instant));
    expect(await asOf(second(9))).toEqual([]);
    expect(await asOf(second(10))).toEqual([1]);
    expect(await asOf(second(29))).toEqual([1, 2]);
    expect(await asOf(second(30))).toEqual([1, 2, 3]);
    expect(await asOf(new Date('2999-01-01'))).toEqual([1, 2, 3]);
  });

  test('what is behind several documents', async () => {
    const [one, other, third] = [await subjectOf(3), await subjectOf(2), await subjectOf(1)];
    const later = await store().readLater(
      new Map([
        [one, 1],
        [other, 0],
        [third, 1],
        [newThing(), 0],
      ]),
    );
    const of = (subject: string) => versionsOf(later.filter((event) => event.subject === subject));
    expect([of(one), of(other), of(third)]).toEqual([[2, 3], [1, 2], []]);
    expect(later).toHaveLength(4);
    expect(await store().readLater(new Map())).toEqual([]);
  });

  test('the next events of several subjects, of each so many', async () => {
    const [one, other] = [await subjectOf(5), await subjectOf(2)];
    const next = await store().readNext(
      new Map([
        [one, 1],
        [other, 1],
      ]),
      2,
    );
    const of = (subject: string) => versionsOf(next.filter((event) => event.subject === subject));
    expect([of(one), of(other), next.length]).toEqual([[2, 3], [2], 3]);
    expect(await store().readNext(new Map(), 2)).toEqual([]);
  });

  test('heads of those that have events', async () => {
    const [one, other] = [await subjectOf(3), await subjectOf(1)];
    expect(await store().heads([one, other, newThing()])).toEqual(
      new Map([
        [one, 3],
        [other, 1],
      ]),
    );
    expect(await store().heads([])).toEqual(new Map());
  });

  test('what was acknowledged is read at once', async () => {
    const subject = newThing();
    for (let version = 1; version <= 30; version += 1) {
      await store().append([noted(subject, version)]);
      expect(versionsOf(await store().read(subject, { afterVersion: version - 1 }))).toEqual([version]);
    }
  });
}
