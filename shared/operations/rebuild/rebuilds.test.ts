// Goal: a backfill ends in a generation that lacks nothing, whatever its source did not tell, however often it failed and whoever
// began it; discarded in the middle it ends, and its collection is dropped. A comparison counts what stands still.
// Method: whole rebuilds on stores in memory, with sources that a test holds back.
import { documentOf } from '../../adapters/contract/documents-contract.ts';
import { inMemoryGeneration, inMemoryHeldSubjects, inMemoryModelStore } from '../../adapters/in-memory/index.ts';
import { notYetAvailable, type StoredDocument } from '../../engine/index.ts';
import { createFeedGate } from '../../running/index.ts';
import { silentLogger } from '../../testing/index.ts';
import { openMembership } from './membership.ts';
import { mergeJoin } from './merge-join.ts';
import type { ModelStore } from './model-store.ts';
import { createRebuilds, type Rebuilds } from './rebuilds.ts';
import type { BackfillRun, BackfillSource } from './rebuilt-model.ts';

const limits = {
  leaseMs: 60_000,
  lookEveryMs: 5,
  switchoverWithinMs: 800,
  reportEveryMs: 0,
  findingsMax: 3,
  settleMs: 5,
  retry: { initialMs: 1, maxMs: 2 },
};
const placeholder = (_id: string): StoredDocument => ({ _id, version: 0, state: notYetAvailable });
const turn = () => new Promise((resolve) => setTimeout(resolve, 2));

type Fill = BackfillSource['backfill'];

interface ProcessOptions {
  /** Why its source cannot be used. */
  readonly unusable?: string;
  /** How old a record is when it is looked at. */
  readonly lagsTurns?: number;
}

function world() {
  const store = inMemoryModelStore();
  const held = inMemoryHeldSubjects();
  const collections = new Map<string, Map<string, StoredDocument>>();
  const documentsIn = (name: string) => {
    const found = collections.get(name) ?? new Map<string, StoredDocument>();
    collections.set(name, found);
    return found;
  };
  const closing: (() => Promise<void>)[] = [];
  let count = 0;

  async function process(id: string, backfill: Fill, { unusable, lagsTurns = 0 }: ProcessOptions = {}) {
    let rebuilds: Rebuilds | undefined;
    const gate = createFeedGate();
    const nowMs = () => Date.now();
    const lagging: ModelStore = {
      ...store,
      async all() {
        const found = await store.all();
        for (let i = 0; i < lagsTurns; i += 1) await turn();
        return found;
      },
    };
    const membership = await openMembership({
      id,
      models: ['things'],
      store: lagging,
      gate,
      nowMs,
      limits,
      log: silentLogger,
      taking: async (record) => rebuilds?.taking(record),
    });
    rebuilds = createRebuilds({
      membership,
      store,
      gate,
      held,
      nowMs,
      limits,
      log: silentLogger,
      clock: { now: () => new Date() },
      ids: { next: () => `move-${++count}` },
      models: [
        {
          name: 'things',
          foldVersion: 1,
          sources: [{ name: 'store', unit: 'events', unusable: async () => unusable, backfill }],
          collection: (name) => inMemoryGeneration(documentsIn(name)),
        },
      ],
    });
    const one = { membership, rebuilds, gate };
    const close = async () => {
      await one.rebuilds.close();
      await membership.close();
    };
    closing.push(close);
    return { ...one, close };
  }

  async function when(
    is: (other: { state: string; backfill?: { trouble?: string | undefined } | undefined }) => boolean,
  ) {
    for (;;) {
      const other = (await store.all())[0]?.other;
      if (other && is(other)) return other;
      await turn();
    }
  }
  const put = (name: string, ...documents: StoredDocument[]) => {
    for (const document of documents) documentsIn(name).set(document._id, document);
  };
  return {
    store,
    held,
    process,
    documentsIn,
    collections,
    put,
    when,
    close: () => Promise.all(closing.map((one) => one())),
  };
}

let made: ReturnType<typeof world>;
beforeEach(() => {
  made = world();
});
afterEach(() => made.close());

const isFollowing = ({ state }: { state: string }) => state === 'following';
const filledWith =
  (...documents: StoredDocument[]): Fill =>
  async (into, { report }) => {
    await into.write(documents.map((one) => ('data' in one ? { put: one } : { placeholder: one._id })));
    report(documents.length, documents.length);
  };

test('behind a backfill each document is at the higher of its two versions, in both; placeholders and what no source tells of too', async () => {
  const [a1, a2, b1, b2, c1, d1] = [
    documentOf('a', 1),
    documentOf('a', 2),
    documentOf('b', 1),
    documentOf('b', 2),
    documentOf('c', 1),
    documentOf('d', 1),
  ];
  made.put('things', a2, b1, c1, placeholder('e'));
  const { rebuilds } = await made.process('p', filledWith(a1, b2, d1));
  await rebuilds.start('things');
  const { backfill } = (await made.when(isFollowing)) as { backfill?: { done: number; of?: number; aligned: number } };
  for (const name of ['things', 'things_g2'])
    expect(new Map([...made.documentsIn(name)].sort())).toEqual(
      new Map([a2, b2, c1, d1, placeholder('e')].map((document) => [document._id, document])),
    );
  expect(backfill).toMatchObject({ done: 3, of: 3, aligned: 5 });
});

test('a backfill that fails says why, and is tried again until it is done', async () => {
  let failures = 3;
  let shown = false;
  const { rebuilds } = await made.process('p', async (into, run) => {
    if (failures > 0) {
      failures -= 1;
      throw new Error('no broker');
    }
    while (!shown) await turn();
    await filledWith(documentOf('a', 1))(into, run);
  });
  await rebuilds.start('things');
  expect(await made.when(({ backfill }) => backfill?.trouble !== undefined)).toMatchObject({
    state: 'backfilling',
    backfill: { trouble: 'no broker' },
  });
  shown = true;
  await made.when(isFollowing);
  expect(made.documentsIn('things_g2').size).toBe(1);
});

test('what a process began and did not end is ended by another', async () => {
  const held: BackfillRun[] = [];
  const first = await made.process('first', async (_, run) => {
    held.push(run);
    await new Promise((_resolve, failed) => run.signal.addEventListener('abort', () => failed(run.signal.reason)));
  });
  const second = await made.process('second', filledWith(documentOf('a', 1)));
  await first.rebuilds.start('things');
  while (held.length === 0) await turn();
  await expect(second.rebuilds.switch('things')).rejects.toMatchObject({ code: 'rebuild-refused' });
  expect((await made.when(() => true)).state).toBe('backfilling');
  await first.close();
  await made.when(isFollowing);
  expect(made.documentsIn('things_g2').size).toBe(1);
});

// The hazard: the record still says that it is being filled for as long as nobody looks; a second backfill ran until the next switch.
test('what was filled is not filled again', async () => {
  let fills = 0;
  const { rebuilds } = await made.process(
    'p',
    async (into, run) => {
      fills += 1;
      await filledWith(documentOf('a', 1))(into, run);
    },
    { lagsTurns: 10 },
  );
  await rebuilds.start('things');
  await made.when(isFollowing);
  for (let i = 0; i < 40; i += 1) await turn();
  expect(fills).toBe(1);
});

// The hazards: the first one, which looks at an older record, begins it anew beside the second; or it remembers that it filled it,
// and nobody goes on when the second one ends.
test('a backfill that was taken over, and whose new process ended, is taken back by the first', async () => {
  let goOn: () => void = () => {};
  let fills = 0;
  const slow: Fill = async (into, run) => {
    fills += 1;
    if (fills === 1)
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
    await filledWith(documentOf('a', 1))(into, run);
  };
  const first = await made.process('first', slow, { lagsTurns: 10 });
  await first.rebuilds.start('things');
  while (fills === 0) await turn();
  // As if the first one had been silent for the length of its lease, and another had seen it.
  await made.store.renew({ id: 'second', paused: [], taken: {} }, 60_000);
  expect(await made.store.takeBackfill('things', 'things_g2', 'first', 'second')).toBe(true);
  goOn();
  while (made.documentsIn('things_g2').size === 0) await turn();
  for (let i = 0; i < 40; i += 1) await turn();
  expect([fills, (await made.when(() => true)).state]).toEqual([1, 'backfilling']);
  await made.store.leave('second');
  await made.when(isFollowing);
  expect(fills).toBe(2);
});

// The hazard: a rebuild after a change of the fold was switched to, and showed documents of the old one, unseen.
test('a generation with documents of another fold is not switched to', async () => {
  made.put('things', documentOf('a', 2, { foldVersion: 0 }), placeholder('b'));
  const { rebuilds } = await made.process('p', filledWith(documentOf('a', 1)));
  await rebuilds.start('things');
  await made.when(isFollowing);
  await expect(rebuilds.switch('things')).rejects.toMatchObject({
    code: 'rebuild-refused',
    message: expect.stringContaining(
      '1 documents of things_g2 were written by another fold than version 1 of this code.',
    ),
  });
  made.put('things_g2', documentOf('a', 2));
  expect((await rebuilds.switch('things')).record.live).toBe('things_g2');
  // The way back is open whatever is behind it.
  expect((await rebuilds.rollback('things')).record.live).toBe('things');
});

// The hazard: a consumer takes seconds to leave its group, and all processes stood still as long.
test('a switchover does not wait for the reading of a backfill that it ends, only for its writes', async () => {
  let left: () => void = () => {};
  let wrote = 0;
  const { rebuilds } = await made.process('p', async (into) => {
    await into.write([{ put: documentOf('a', 1) }]);
    wrote += 1;
    await new Promise<void>((resolve) => {
      left = resolve;
    });
    await into.write([{ put: documentOf('b', 1) }]);
    wrote += 1;
  });
  await rebuilds.start('things');
  while (wrote === 0) await turn();
  await rebuilds.discard('things');
  left();
  for (let i = 0; i < 5; i += 1) await turn();
  expect([wrote, made.documentsIn('things_g2').size]).toEqual([1, 0]);
});

test('discarded in the middle, the backfill ends before its collection is dropped; the next one has another name', async () => {
  let wrote = 0;
  const { rebuilds } = await made.process('p', async (into, { signal }) => {
    for (; ; wrote += 1) {
      signal.throwIfAborted();
      await into.write([{ put: documentOf(`d${wrote}`, 1) }]);
      await turn();
    }
  });
  await rebuilds.start('things');
  while (wrote < 3) await turn();
  await rebuilds.discard('things');
  const before = wrote;
  for (let i = 0; i < 5; i += 1) await turn();
  expect(wrote).toBe(before);
  expect(made.documentsIn('things_g2').size).toBe(0);
  expect(await made.store.all()).toMatchObject([{ dropping: [], other: undefined }]);
  expect((await rebuilds.start('things')).record.other?.name).toBe('things_g3');
  await rebuilds.discard('things');
});

test('a source that cannot be used is said before anything is changed', async () => {
  const { rebuilds } = await made.process('p', filledWith(), { unusable: 'user-snapshots is empty' });
  await expect(rebuilds.start('things')).rejects.toMatchObject({
    code: 'rebuild-refused',
    message: 'The backfill of things cannot use store: user-snapshots is empty.',
  });
  expect(await made.store.all()).toMatchObject([{ revision: 1, switchover: undefined }]);
  expect(made.collections.size).toBe(0);
});

test('a comparison counts what stands still, lists the first, and leaves out what switchovers', async () => {
  const { rebuilds } = await made.process('p', filledWith());
  const letters = ['a', 'b', 'c', 'd', 'e'];
  made.put('things', ...letters.map((id) => documentOf(id, 1, { lastEventId: id })));
  await rebuilds.start('things');
  await made.when(isFollowing);
  const ended = async () => {
    const comparison = rebuilds.compare('things');
    expect(() => rebuilds.compare('things')).toThrow('is running');
    while (comparison.state === 'running') await turn();
    return comparison;
  };
  // Written by another fold it says the same.
  made.put('things_g2', documentOf('a', 1, { lastEventId: 'a', foldVersion: 2 }));
  expect(await ended()).toMatchObject({ state: 'equal', figures: { comparedDocuments: 5 }, findings: [] });
  made.put('things_g2', documentOf('a', 1, { data: { text: 'by hand' } }), documentOf('b', 3), documentOf('x', 1));
  made.documentsIn('things_g2').delete('c');
  const found = { missing: 1, extra: 1, different: 1, behind: 0, ahead: 1 };
  const comparison = await ended();
  expect(comparison).toMatchObject({ state: 'different', figures: { found, moving: 0, comparedDocuments: 6 } });
  expect(comparison.findings).toHaveLength(limits.findingsMax);
  const moving = rebuilds.compare('things');
  while (moving.figures.comparedDocuments < 6) await Promise.resolve();
  made.put('things', documentOf('b', 3));
  while (moving.state === 'running') await turn();
  expect(moving).toMatchObject({ figures: { found: { ...found, ahead: 0 }, moving: 1 } });
});

describe('two streams side by side', () => {
  const joined = async (ones: string, others: string) => {
    const stream = async function* (text: string) {
      for (const _id of text) yield { _id };
    };
    const pairs: string[] = [];
    for await (const { key, one, other } of mergeJoin(stream(ones), stream(others)))
      pairs.push(`${key}${one ? '1' : ''}${other ? '2' : ''}`);
    return pairs.join(' ');
  };

  test.each([
    ['', '', ''],
    ['abc', '', 'a1 b1 c1'],
    ['', 'abc', 'a2 b2 c2'],
    ['abd', 'bcd', 'a1 b12 c2 d12'],
    ['z', 'abc', 'a2 b2 c2 z1'],
  ])('%p and %p', async (ones, others, pairs) => {
    expect(await joined(ones, others)).toBe(pairs);
  });
});
