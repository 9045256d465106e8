// Goal: a hole is filled from its owner as soon as the owner can give it, poison waits for a fix, and nothing is released out of
// order or forgotten. Method: the real projector and retrier on in-memory ports; the owner is a store that can be stopped.
import type { StoredEvent } from '../../engine/index.ts';
import { eventsOf, newSubject } from '../../testing/index.ts';
import type { Retrier } from './retry-ports.ts';
import { named, ofLaterVersion, world } from './testing/retrier-world.ts';

type World = ReturnType<typeof world>;
let it: World;
afterEach(() => it.closeAll());

async function eventually(what: () => Promise<boolean> | boolean): Promise<void> {
  const untilMs = Date.now() + 3000;
  while (!(await what())) {
    if (Date.now() > untilMs) throw new Error(`not within 3 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

const isReleased = (key: string) => async () => (await it.entry(key)) === undefined;

/** A subject of five events of which the feed brings the first and the last. */
async function withHole(told?: Retrier): Promise<string> {
  const subject = newSubject('thing');
  const events = eventsOf(subject, ['a', 'b', 'c', 'd', 'e'].map(named));
  it.stored.set(subject, events);
  await it.feed([events[0], events[4]] as StoredEvent[], told);
  return subject;
}

/** A subject held before its second event of three. */
async function withPoison(): Promise<string> {
  const subject = newSubject('thing');
  const events = eventsOf(subject, [named('a'), ofLaterVersion, named('c')]);
  it.stored.set(subject, events);
  await it.feed(events);
  return subject;
}

function repair(subject: string): void {
  const events = it.stored.get(subject) ?? [];
  it.stored.set(
    subject,
    events.map((event) => (event.version === 2 ? { ...event, ...named('b') } : event)),
  );
}

describe('holes', () => {
  test('one that a batch reports is filled at once, in order', async () => {
    it = world({ lookEveryMs: 60_000, retryInitialMs: 60_000, retryMsMax: 60_000 });
    const subject = await withHole(it.retrier());
    await eventually(isReleased(subject));
    expect(await it.versionOf(subject)).toBe(5);
  });

  test('those held before the start, and those that another process met, are filled too', async () => {
    it = world();
    const before = await withHole();
    it.retrier();
    await eventually(isReleased(before));
    const later = await withHole();
    await eventually(isReleased(later));
    expect(await it.versionOf(later)).toBe(5);
  });

  test('many cost one question to their owner for each batch, and no two runs are ever under way at once', async () => {
    it = world();
    await Promise.all(Array.from({ length: 9 }, () => withHole()));
    const retrier = it.retrier();
    await Promise.all([retrier.retryAfter(undefined, 2), retrier.retryAfter(undefined, 2)]);
    await eventually(async () => (await it.held.count()) === 0);
    expect(it.asked.length).toBeLessThanOrEqual(5);
    expect(Math.max(...it.asked.map((subjects) => subjects.length))).toBe(3);
    expect(it.state.runsMax).toBe(1);
  });

  test('a stopped owner does not end it: tries go on, are not counted, and the hole is filled when it answers', async () => {
    it = world();
    it.state.stopped = true;
    const retrier = it.retrier();
    const subject = await withHole(retrier);
    await eventually(() => it.asked.length >= 4);
    expect((await it.entry(subject)).attempts).toBe(1);
    expect(retrier.trouble()).toBe('the owner does not answer');
    expect(it.warnings).toHaveLength(1);
    it.state.stopped = false;
    await eventually(isReleased(subject));
    expect(retrier.trouble()).toBeUndefined();
  });

  test('an owner that has no such event: each try is counted, and the event that comes later releases it', async () => {
    it = world();
    const retrier = it.retrier();
    const subject = newSubject('thing');
    const events = eventsOf(subject, ['a', 'b', 'c'].map(named));
    it.stored.set(subject, events.slice(0, 1));
    await it.feed([events[0], events[2]] as StoredEvent[], retrier);
    await eventually(async () => (await it.entry(subject)).attempts >= 3);
    it.stored.set(subject, events.slice(0, 2));
    await eventually(async () => (await it.entry(subject)).appliedVersion === 2);
    expect(await it.versionOf(subject)).toBe(2);
    it.stored.set(subject, events);
    await eventually(isReleased(subject));
  });

  test('another hole of the same subject does not wait for the one before', async () => {
    it = world({ retryInitialMs: 60_000, retryMsMax: 60_000, lookEveryMs: 60_000 });
    const retrier = it.retrier();
    const subject = newSubject('thing');
    const events = eventsOf(subject, ['a', 'b', 'c', 'd', 'e'].map(named));
    await it.feed([events[0], events[2]] as StoredEvent[], retrier);
    await eventually(async () => (await it.entry(subject)).attempts >= 2);
    await it.feed(events.slice(0, 3), retrier);
    it.stored.set(subject, events);
    await it.feed([events[4] as StoredEvent], retrier);
    await eventually(isReleased(subject));
    expect(await it.versionOf(subject)).toBe(5);
  });

  test('what is filled and held again while it was tried is tried again', async () => {
    it = world({ lookEveryMs: 60_000 });
    const retrier = it.retrier();
    const subject = await withHole(retrier);
    const seventh = { ...eventsOf(subject, [named('g')], 7)[0] } as StoredEvent;
    it.stored.set(subject, [...(it.stored.get(subject) ?? []), ...eventsOf(subject, [named('f')], 6), seventh]);
    await it.feed([seventh], retrier);
    await eventually(isReleased(subject));
    expect(await it.versionOf(subject)).toBe(7);
  });

  test('one that its owner fails at keeps none of its batch from being filled, and is not counted as tried', async () => {
    it = world();
    const [failing, other] = [await withHole(), await withHole()];
    it.state.failing = failing;
    const retrier = it.retrier();
    await eventually(isReleased(other));
    await expect(retrier.retry(failing)).rejects.toMatchObject({ message: `the owner fails at ${failing}` });
    expect(await it.entry(failing)).toMatchObject({ attempts: 1, appliedVersion: 1 });
    it.state.failing = '';
    await eventually(isReleased(failing));
  });

  test('many that nobody can fill keep no later one from being filled', async () => {
    it = world({ trackedMax: 2 });
    const retrier = it.retrier();
    const vain = [await withHole(retrier), await withHole(retrier), await withHole(retrier)];
    for (const subject of vain) it.stored.delete(subject);
    await eventually(async () => (await Promise.all(vain.map(it.entry))).every(({ attempts }) => attempts > 2));
    const later = await withHole();
    await eventually(isReleased(later));
  });

  test('more than can be tracked are filled page by page', async () => {
    it = world({ trackedMax: 2 });
    await Promise.all(Array.from({ length: 7 }, () => withHole()));
    it.retrier();
    await eventually(async () => (await it.held.count()) === 0);
  });
});

describe('what is held for another reason', () => {
  test('it is tried once after a start, and then only when somebody asks', async () => {
    it = world({ lookEveryMs: 2 });
    const subject = await withPoison();
    const first = it.retrier();
    await eventually(async () => (await it.entry(subject)).attempts === 2);
    const hole = await withHole(first);
    await eventually(isReleased(hole));
    expect((await it.entry(subject)).attempts).toBe(2);
    await first.close();
    repair(subject);
    it.retrier();
    await eventually(isReleased(subject));
    expect(await it.versionOf(subject)).toBe(3);
  });

  test('an event behind the failing one does not make it a hole to be tried', async () => {
    it = world({ lookEveryMs: 60_000 });
    const retrier = it.retrier();
    const subject = await withPoison();
    const hole = await withHole();
    await it.feed(eventsOf(subject, [named('d')], 4), retrier);
    retrier.noticed([{ ...(await it.entry(hole)), reason: 'hole' }]);
    await eventually(isReleased(hole));
    expect(it.asked.flat()).not.toContain(subject);
  });

  test('a retry without a fix holds it again and counts; after the fix it is released in order', async () => {
    it = world();
    const retrier = it.retrier();
    const subject = await withPoison();
    const { attempts } = await it.entry(subject);
    const again = await retrier.retry(subject);
    expect(again).toMatchObject({ outcome: 'held', held: { attempts: attempts + 1, reason: 'unknown-version' } });
    expect(again.detail).toContain('version 2: thingNamed_v3');
    repair(subject);
    expect(await retrier.retry(subject)).toMatchObject({ outcome: 'released', held: undefined });
    expect((await it.things.read([subject])).get(subject)).toMatchObject({ version: 3, data: { name: 'c' } });
    await expect(retrier.retry(subject)).rejects.toMatchObject({ code: 'not-found' });
  });

  test('a repaired one with more behind it than an owner gives at once goes on by itself', async () => {
    it = world({ lookEveryMs: 60_000 });
    const subject = await withPoison();
    const retrier = it.retrier();
    await eventually(async () => (await it.entry(subject)).attempts === 2);
    repair(subject);
    it.state.givenMax = 1;
    const again = await retrier.retry(subject);
    expect(again).toMatchObject({ outcome: 'held', held: { reason: 'hole', appliedVersion: 2 } });
    expect(again.detail).toBe(
      'it stopped before version 3: the owner did not give this version yet, although version 3 was seen',
    );
    await eventually(isReleased(subject));
  });

  test('a retry that cannot ask the owner says so, and counts nothing', async () => {
    it = world();
    const retrier = it.retrier();
    const subject = await withPoison();
    const before = await it.entry(subject);
    it.state.stopped = true;
    await expect(retrier.retry(subject)).rejects.toMatchObject({
      code: 'overloaded',
      message: 'the owner does not answer',
    });
    expect(await retrier.retryAfter(undefined, 5)).toMatchObject({ retried: [{ outcome: 'unanswered' }], left: 0 });
    expect(await it.entry(subject)).toEqual(before);
  });

  test('a document that is there already is all that a release needs', async () => {
    it = world();
    const retrier = it.retrier();
    const subject = await withPoison();
    const entry = await it.entry(subject);
    repair(subject);
    await retrier.retry(subject);
    const { attempts: _, ...left } = entry;
    await it.held.hold([left]);
    expect(await retrier.retry(subject)).toMatchObject({ outcome: 'released' });
  });
});

test('everything is retried page by page, places are passed over, and each page says how many are left', async () => {
  it = world();
  const retrier = it.retrier();
  const subjects = [await withPoison(), await withPoison(), await withPoison()].sort();
  await it.holdPlace('events/0@7');
  repair(subjects[0] as string);
  const first = await retrier.retryAfter(undefined, 2);
  expect(first.retried.map(({ key, outcome }) => [key, outcome])).toEqual([
    ['events/0@7', 'place'],
    [subjects[0], 'released'],
  ]);
  expect(first.left).toBe(2);
  const second = await retrier.retryAfter(first.retried.at(-1)?.key, 2);
  expect(second).toMatchObject({ retried: [{ outcome: 'held' }, { outcome: 'held' }], left: 0 });
  expect(await retrier.retryAfter(subjects[2], 2)).toEqual({ retried: [], left: 0 });
  await eventually(() => it.tried.some(([tried, released]) => tried === 1 && released === 1));
});

// The hazard: it waited for ever for an event that nobody has, while every later event of it was told to have arrived.
test('a hole that its owner has no event for can be dismissed, once it says so', async () => {
  it = world();
  const retrier = it.retrier();
  const vain = await withHole();
  it.stored.set(vain, (it.stored.get(vain) ?? []).slice(0, 4));
  await retrier.retry(vain);
  it.state.stopped = true;
  await expect(retrier.dismiss(vain)).rejects.toMatchObject({ code: 'invalid-request' });
  it.state.stopped = false;
  await retrier.dismiss(vain);
  expect([await it.versionOf(vain), await it.entry(vain)]).toEqual([4, undefined]);
});

test('a place cannot be retried; it can be dismissed, and a subject that waits for a fix not', async () => {
  it = world();
  const retrier = it.retrier();
  const subject = await withPoison();
  const place = 'events/0@7';
  await it.holdPlace(place);
  const because = (why: string) => ({ code: 'invalid-request', message: expect.stringContaining(why) });
  await expect(retrier.retry(place)).rejects.toMatchObject(because('names no subject'));
  await expect(retrier.dismiss(subject)).rejects.toMatchObject(because('would stay at version 1 for ever'));
  await retrier.dismiss(place);
  expect((await it.held.list(9)).map(({ key }) => key)).toEqual([subject]);
  await expect(retrier.dismiss(place)).rejects.toMatchObject({ code: 'not-found' });
});

describe('show', () => {
  test('says what a retry would do, before and after the fix, and writes nothing', async () => {
    it = world();
    const retrier = it.retrier();
    const subject = await withPoison();
    const before = await it.entry(subject);
    const stopped = await retrier.show(subject);
    expect(stopped).toMatchObject({ document: { version: 1 }, next: { events: 0, stop: { version: 2 } } });
    expect(stopped.detail).toContain('0 events and stop at version 1, before version 2: thingNamed_v3');
    repair(subject);
    const repaired = await retrier.show(subject);
    expect(repaired.next?.stop).toBeUndefined();
    expect(repaired.detail).toBe('A retry would fold 2 events and release it at version 3.');
    expect([await it.entry(subject), await it.versionOf(subject)]).toEqual([before, 1]);
    await retrier.retry(subject);
    expect((await it.things.read([subject])).get(subject)).toEqual(repaired.next?.document);
  });

  test('an owner that does not answer or has nothing, a place, and what is not held are told apart', async () => {
    it = world();
    const retrier = it.retrier();
    const subject = await withPoison();
    await it.holdPlace('events/0@7');
    it.state.stopped = true;
    expect(await retrier.show(subject)).toMatchObject({ document: { version: 1 }, next: undefined });
    it.state.stopped = false;
    it.stored.clear();
    expect((await retrier.show(subject)).detail).toContain('has no later event, although version 3 was seen');
    expect((await retrier.show('events/0@7')).detail).toContain('names no subject');
    await expect(retrier.show(newSubject('thing'))).rejects.toMatchObject({ code: 'not-found' });
  });
});
