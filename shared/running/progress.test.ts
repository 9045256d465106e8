// Goal: caught up, behind, stalled and unknown are told apart by what arrives, and never by what anybody says of itself.

import { documentOf } from '../adapters/contract/documents-contract.ts';
import { inMemoryDocuments, inMemoryHeldSubjects } from '../adapters/in-memory/index.ts';
import { newSubject } from '../testing/index.ts';
import { thingProjection } from '../testing/workspace/thing.ts';
import { arrivedIn, createProgressWatch, missingIn, type StoredPosition } from './progress.ts';

function world() {
  let nowMs = 0;
  const it = {
    newest: undefined as StoredPosition | undefined,
    arrivedUpTo: 0,
    down: false,
    paused: false,
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
  const watch = createProgressWatch(
    [
      {
        name: 'events',
        newest: async () => {
          if (it.down) throw new Error('no connection');
          return it.newest;
        },
        arrived: async ({ version }) => version <= it.arrivedUpTo,
      },
    ],
    10_000,
    () => nowMs,
    () => it.paused,
  );
  const state = async () => {
    await watch.look();
    return watch.reports()[0]?.state;
  };
  return { it, watch, state };
}

const subject = newSubject('thing');
const at = (version: number) => ({ subject, version });

test('before the first look nothing is known', () => {
  expect(world().watch.reports()).toMatchObject([{ source: 'events', state: 'unknown' }]);
});

test('nothing stored, or the newest folded, is caught up', async () => {
  const { it, state } = world();
  expect(await state()).toBe('caught-up');
  it.newest = at(3);
  it.arrivedUpTo = 3;
  expect(await state()).toBe('caught-up');
});

test('a backlog is behind at first, stalled when nothing moves, and caught up when it arrived', async () => {
  const { it, watch, state } = world();
  it.newest = at(5);
  expect(await state()).toBe('behind');
  it.pass(9_999);
  expect(await state()).toBe('behind');
  it.pass(1);
  expect(await state()).toBe('stalled');
  expect(watch.reports()[0]?.detail).toContain('nothing of events arrived for 10 s');
  it.arrivedUpTo = 5;
  expect(await state()).toBe('caught-up');
});

test('a long backlog that moves is behind, not stalled, and the movement of another source does not count', async () => {
  const { it, watch, state } = world();
  it.newest = at(5);
  await state();
  for (let n = 0; n < 5; n += 1) {
    it.pass(8_000);
    watch.moved('events');
    expect(await state()).toBe('behind');
  }
  it.pass(11_000);
  watch.moved('others');
  expect(await state()).toBe('stalled');
});

test('a backlog that somebody wanted is paused, however long; its time begins when it is resumed', async () => {
  const { it, state } = world();
  it.newest = at(5);
  expect(await state()).toBe('behind');
  it.paused = true;
  it.pass(1_000_000);
  expect(await state()).toBe('paused');
  it.paused = false;
  it.pass(9_999);
  expect(await state()).toBe('behind');
  it.pass(1);
  expect(await state()).toBe('stalled');
  it.paused = true;
  it.arrivedUpTo = 5;
  expect(await state()).toBe('caught-up');
});

test('under steady load the target is followed, so that what is always behind by a little is not stalled', async () => {
  const { it, state } = world();
  for (let version = 1; version < 20; version += 1) {
    it.newest = at(version);
    it.arrivedUpTo = version - 1;
    it.pass(5_000);
    expect(await state()).toBe('behind');
  }
});

test('a source that cannot be asked is unknown, and known again afterwards', async () => {
  const { it, watch, state } = world();
  it.down = true;
  expect(await state()).toBe('unknown');
  expect(watch.reports()[0]?.detail).toContain('no connection');
  it.down = false;
  expect(await state()).toBe('caught-up');
});

test('a source that does not answer is asked once, and unknown after a while, with what was known before', async () => {
  let [nowMs, asked] = [0, 0];
  let answer: (newest: undefined) => void = () => {};
  const newest = () => {
    asked += 1;
    return asked === 1 ? Promise.resolve(undefined) : new Promise<undefined>((resolve) => (answer = resolve));
  };
  const watch = createProgressWatch([{ name: 'events', newest, arrived: async () => true }], 10_000, () => nowMs);
  const report = () => watch.reports()[0];
  await watch.look();
  const frozen = watch.look();
  nowMs = 9_999;
  await watch.look();
  expect([asked, report()?.state]).toEqual([2, 'caught-up']);
  nowMs = 10_000;
  expect(report()).toMatchObject({
    state: 'unknown',
    detail: 'no answer for 10 s; caught-up before that: no events yet',
  });
  answer(undefined);
  await frozen;
  expect(report()?.state).toBe('caught-up');
});

test('arrived: the document is at the version or beyond, or its subject is held', async () => {
  const held = inMemoryHeldSubjects();
  const documents = inMemoryDocuments([documentOf(subject, 3)]);
  const arrived = arrivedIn([{ projection: thingProjection, documents }], held);
  expect([await arrived(at(2)), await arrived(at(3)), await arrived(at(4))]).toEqual([true, true, false]);
  await held.hold([
    {
      key: subject,
      projection: 'p',
      appliedVersion: 3,
      seenVersion: 5,
      reason: 'hole',
      detail: '',
      since: new Date(0),
    },
  ]);
  expect(await arrived(at(4))).toBe(true);
});

test('arrived: an event of a kind that nobody folds has nowhere to arrive, and keeps nobody from being ready', async () => {
  const arrived = arrivedIn([{ projection: thingProjection, documents: inMemoryDocuments() }], inMemoryHeldSubjects());
  expect(await arrived({ subject: newSubject('stranger'), version: 1 })).toBe(true);
});

test('missing: of several events of several kinds those that are not in their documents', async () => {
  const documents = inMemoryDocuments([documentOf(subject, 3)]);
  const missing = missingIn([{ projection: thingProjection, documents }], inMemoryHeldSubjects());
  const other = { subject: newSubject('thing'), version: 1 };
  const stranger = { subject: newSubject('stranger'), version: 1 };
  expect(await missing([at(5), at(3), other, stranger, at(4)])).toEqual([at(5), other, at(4)]);
  expect(await missing([])).toEqual([]);
});
