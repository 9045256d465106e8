// Goal: one writer per version, no gaps, all or none, no doubles, and time that never runs backwards.
import type { EventStore } from '../../engine/index.ts';
import { newThing, noted } from './things.ts';

export function appendContract(store: () => EventStore, eventBytesMax: number): void {
  const versionsOf = async (subject: string) => (await store().read(subject)).map(({ version }) => version);

  test('stores an event as it was given', async () => {
    const event = noted(newThing(), 1, {
      data: { text: 'hello', deep: { list: [1, 'two', null] } },
      correlationid: 'c',
      causationid: 'd',
      request: { digest: 'x', lastVersion: 1 },
      claims: [`key:${newThing()}`],
    });
    expect(await store().append([event])).toEqual({ kind: 'stored', events: [event] });
    expect(await store().read(event.subject)).toEqual([event]);
  });

  test('stores the extension attributes of an event, and reads them again', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const event = noted(newThing(), 1, { traceparent, tracestate: 'a=b' });
    expect(await store().append([event])).toEqual({ kind: 'stored', events: [event] });
    expect(await store().read(event.subject)).toEqual([event]);
  });

  test('leaves out what is undefined', async () => {
    const event = noted(newThing(), 1);
    await store().append([{ ...event, correlationid: undefined } as typeof event]);
    expect(Object.keys((await store().read(event.subject))[0] ?? {})).not.toContain('correlationid');
  });

  test('does not change what it was given', async () => {
    const event = Object.freeze(noted(newThing(), 1));
    await store().append([event]);
    expect(event).not.toHaveProperty('_id');
  });

  test('another event at the same version is a conflict with the actual version', async () => {
    const subject = newThing();
    for (const version of [1, 2, 3]) await store().append([noted(subject, version)]);
    for (const version of [1, 2, 3]) {
      expect(await store().append([noted(subject, version)])).toEqual({
        kind: 'version-conflict',
        subject,
        currentVersion: 3,
      });
    }
    expect(await versionsOf(subject)).toEqual([1, 2, 3]);
  });

  test('a version beyond the end is a conflict with the actual version', async () => {
    const subject = newThing();
    expect(await store().append([noted(subject, 2)])).toEqual({ kind: 'version-conflict', subject, currentVersion: 0 });
    await store().append([noted(subject, 1)]);
    expect(await store().append([noted(subject, 3)])).toEqual({ kind: 'version-conflict', subject, currentVersion: 1 });
    expect(await store().append([noted(subject, 9), noted(subject, 10)])).toMatchObject({
      kind: 'version-conflict',
      currentVersion: 1,
    });
    expect(await versionsOf(subject)).toEqual([1]);
  });

  test('of many writers that saw the same version one wins, and each other is told the actual version', async () => {
    const subject = newThing();
    await store().append([noted(subject, 1)]);
    const rivals = Array.from({ length: 20 }, () => noted(subject, 2));
    const results = await Promise.all(rivals.map((event) => store().append([event])));
    const won = results.flatMap((result, i) => (result.kind === 'stored' ? rivals[i]?.id : []));
    expect(won).toHaveLength(1);
    expect(results.filter(({ kind }) => kind === 'version-conflict')).toEqual(
      Array(19).fill({ kind: 'version-conflict', subject, currentVersion: 2 }),
    );
    expect((await store().read(subject)).map(({ id }) => id).slice(1)).toEqual(won);
  });

  test('the own event again, as after an unknown outcome, is stored and not doubled', async () => {
    const subject = newThing();
    const [first, second, third] = [noted(subject, 1), noted(subject, 2), noted(subject, 3)];
    await store().append([first]);
    await store().append([second, third]);
    expect(await store().append([first])).toEqual({ kind: 'stored', events: [first] });
    expect(await store().append([second, third])).toEqual({ kind: 'stored', events: [second, third] });
    expect(await versionsOf(subject)).toEqual([1, 2, 3]);
  });

  test('the own event with a claim again finds its own claim and is stored', async () => {
    const event = noted(newThing(), 1, { claims: [`key:${newThing()}`] });
    await store().append([event]);
    expect(await store().append([event])).toEqual({ kind: 'stored', events: [event] });
  });

  test('several events of one subject are stored together', async () => {
    const subject = newThing();
    const events = [1, 2, 3].map((version) => noted(subject, version));
    expect(await store().append(events)).toEqual({ kind: 'stored', events });
    expect(await store().read(subject)).toEqual(events);
  });

  test('several events are stored all or none', async () => {
    const subject = newThing();
    await store().append([noted(subject, 1)]);
    expect(await store().append([noted(subject, 1), noted(subject, 2)])).toEqual({
      kind: 'version-conflict',
      subject,
      currentVersion: 1,
    });
    expect(await versionsOf(subject)).toEqual([1]);
  });

  test('several subjects are stored all or none', async () => {
    const [one, other] = [newThing(), newThing()];
    expect((await store().append([noted(one, 1), noted(other, 1)])).kind).toBe('stored');
    expect(await store().append([noted(one, 2), noted(other, 1)])).toEqual({
      kind: 'version-conflict',
      subject: other,
      currentVersion: 1,
    });
    expect([await versionsOf(one), await versionsOf(other)]).toEqual([[1], [1]]);
  });

  test('two commands over the same two subjects in opposite order: both end, one wins', async () => {
    const [one, other] = [newThing(), newThing()];
    const results = await Promise.all([
      store().append([noted(one, 1), noted(other, 1)]),
      store().append([noted(other, 1), noted(one, 1)]),
    ]);
    expect(results.map(({ kind }) => kind).sort()).toEqual(['stored', 'version-conflict']);
    const stored = [...(await store().read(one)), ...(await store().read(other))].map(({ id }) => id);
    const winner = results.flatMap((result) => (result.kind === 'stored' ? result.events.map(({ id }) => id) : []));
    expect(stored.sort()).toEqual(winner.sort());
  });

  test('time is never before the previous version, and otherwise as given', async () => {
    const subject = newThing();
    const at = (seconds: number) => new Date(Date.UTC(2026, 5, 1, 0, 0, seconds));
    await store().append([noted(subject, 1, { time: at(10) })]);
    await store().append([noted(subject, 2, { time: at(5) })]);
    await store().append([
      noted(subject, 3, { time: at(7) }),
      noted(subject, 4, { time: at(30) }),
      noted(subject, 5, { time: at(20) }),
    ]);
    await store().append([noted(subject, 6, { time: at(31) })]);
    expect((await store().read(subject)).map(({ time }) => time.getUTCSeconds())).toEqual([10, 10, 10, 30, 30, 31]);
  });

  test('an event over the limit is too-large, and nothing of its command is stored', async () => {
    const subject = newThing();
    const large = (version: number) => noted(subject, version, { data: { text: 'x'.repeat(eventBytesMax) } });
    await expect(store().append([large(1)])).rejects.toMatchObject({ code: 'too-large' });
    await expect(store().append([noted(subject, 1), large(2)])).rejects.toMatchObject({ code: 'too-large' });
    expect(await versionsOf(subject)).toEqual([]);
    expect((await store().append([noted(subject, 1, { data: { text: 'x'.repeat(eventBytesMax - 1000) } })])).kind).toBe(
      'stored',
    );
  });

  test('no events, or versions that do not follow each other, are a fault of the caller', async () => {
    const subject = newThing();
    await expect(store().append([])).rejects.toThrow('at least one event');
    await expect(store().append([noted(subject, 1), noted(subject, 3)])).rejects.toThrow('does not follow');
    expect(await versionsOf(subject)).toEqual([]);
  });
}
