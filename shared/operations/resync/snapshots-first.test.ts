// Goal: snapshots stand in for events only as far as it is certain that they hold them, and never pass what holds a subject.
// Method: the real intake and source on documents in memory; the topic of snapshots is a list that can grow while it is read.
import { inMemoryDocuments, inMemoryHeldSubjects } from '../../adapters/in-memory/index.ts';
import {
  createProjector,
  fold,
  type Held,
  isPlaceholder,
  type ProjectedDocument,
  type RecordedEvent,
} from '../../engine/index.ts';
import { eventsOf, newSubject, silentLogger } from '../../testing/index.ts';
import { thingProjection } from '../../testing/workspace/thing.ts';
import { withHeld } from './copy-figures.ts';
import type { SnapshotRecord } from './resync-ports.ts';
import { createSnapshotIntake, type Verdict, verdictOn } from './snapshot-intake.ts';
import { type OwnerState, snapshotsFirst } from './snapshots-first.ts';
import type { PartitionOffsets } from './topic-offsets.ts';

const clock = { now: () => new Date(0) };
const named = (name: string) => ({ type: 'thingNamed_v2', data: { name } });
const lifeOf = (count: number, subject = newSubject('thing')) =>
  eventsOf(
    subject,
    Array.from({ length: count }, (_, i) => named(`${i}`)),
  );
const snapshotOf = (events: readonly RecordedEvent[]) =>
  fold(thingProjection, undefined, events).document as ProjectedDocument;

function world(documents: readonly ProjectedDocument[] = []) {
  const things = inMemoryDocuments(documents);
  const held = inMemoryHeldSubjects();
  const intake = createSnapshotIntake({
    documents: things,
    held,
    clock,
    log: silentLogger,
    asDocument: (value) =>
      value === undefined ? { fault: 'no JSON' } : { document: value as ProjectedDocument, names: [] },
  });
  const projector = createProjector({
    models: [{ projection: thingProjection, documents: things }],
    held,
    clock,
    log: silentLogger,
  });
  return { things, held, intake, projector };
}

const recordOf = (value: ProjectedDocument): SnapshotRecord => ({ position: 't/0@1', subject: value._id, value });
const heldFor = (subject: string, reason: Held['reason'], seenVersion: number) => ({
  key: subject,
  projection: 'things',
  appliedVersion: 1,
  seenVersion,
  reason,
  detail: '',
  since: new Date(0),
});

const five = lifeOf(5);
const [two, three] = [snapshotOf(five.slice(0, 2)), snapshotOf(five.slice(0, 3))];

test.each<[string, Parameters<typeof verdictOn>, Verdict]>([
  ['nothing there', [three, undefined, undefined], 'take'],
  ['a placeholder', [three, { _id: three._id, version: 0, state: 'notYetAvailable' }, undefined], 'take'],
  ['something older', [three, two, undefined], 'take'],
  ['the same', [three, three, undefined], 'older'],
  ['something newer', [two, three, undefined], 'older'],
  ['the same by an older fold', [three, { ...three, foldVersion: 0 }, undefined], 'take'],
  ['something newer by an older fold', [two, { ...three, foldVersion: 0 }, undefined], 'older'],
  ['another event at its version', [three, { ...three, lastEventId: 'other' }, undefined], 'fork'],
  ['a hole', [three, two, { reason: 'hole' }], 'take'],
  ['an unknown version', [three, two, { reason: 'unknown-version' }], 'held'],
  ['invalid data', [three, undefined, { reason: 'invalid-data' }], 'held'],
  ['something unreadable', [three, two, { reason: 'unreadable' }], 'held'],
])('a snapshot meets %s', (_, given, verdict) => {
  expect(verdictOn(...given)).toBe(verdict);
});

test('the fold goes on behind a snapshot as if it had folded everything before', async () => {
  const { things, intake, projector, held } = world();
  const taken = await intake([recordOf(two), recordOf(three), recordOf(two)]);
  expect([...taken.versions]).toEqual([[three._id, 3]]);
  await projector.apply(five.map((event) => ({ source: 't', position: '', event })));
  expect((await things.read([three._id])).get(three._id)).toEqual(snapshotOf(five));
  expect(await held.count()).toBe(0);
});

test('a hole that a snapshot covers is released; one that reaches further stays, and so does poison', async () => {
  const [covered, further, poisoned] = [lifeOf(3), lifeOf(3), lifeOf(3)];
  const { things, held, intake } = world([covered, further, poisoned].map((life) => snapshotOf(life.slice(0, 1))));
  const subjects = [covered, further, poisoned].map((life) => (life[0] as RecordedEvent).subject) as [
    string,
    string,
    string,
  ];
  await held.hold([
    heldFor(subjects[0], 'hole', 3),
    heldFor(subjects[1], 'hole', 4),
    heldFor(subjects[2], 'invalid-data', 3),
  ]);
  await intake([covered, further, poisoned].map((life) => recordOf(snapshotOf(life))));
  expect((await held.list(9)).map(({ key }) => key).sort()).toEqual(subjects.slice(1).sort());
  const versions = [...(await things.read(subjects)).values()].map(({ version }) => version);
  expect(versions).toEqual([3, 3, 1]);
});

test('what cannot be read is held at its offset; one that says null says nothing; a fork is told', async () => {
  const { held, intake, things } = world([three]);
  const unread = newSubject('thing');
  const taken = await intake([
    { position: 't/0@6', subject: '', value: undefined, unreadable: 'its batch is broken' },
    { position: 't/0@7', subject: unread, value: undefined },
    { position: 't/0@8', subject: 'thing-2', value: null },
    { position: 't/0@9', subject: 'thing-3', value: two },
    recordOf({ ...three, lastEventId: 'other' }),
  ]);
  expect(taken.forks).toMatchObject([{ version: 3, otherId: 'other' }]);
  // No snapshot can have the key `thing-3`.
  expect([...taken.unreadable]).toEqual(['t/0@6', unread]);
  expect((await held.list(1)).map(({ detail }) => detail)).toEqual(['its batch is broken']);
  expect((await held.list(9)).map(({ key, reason }) => `${key} ${reason}`)).toEqual([
    't/0@6 unreadable',
    't/0@7 unreadable',
    't/0@9 unreadable',
  ]);
  expect((await things.read([three._id])).get(three._id)).toEqual(three);
});

test('whom a snapshot names is there, known or not', async () => {
  const { things, held } = world();
  const intake = createSnapshotIntake({
    documents: things,
    held,
    clock,
    log: silentLogger,
    asDocument: (value) => ({ document: value as ProjectedDocument, names: ['thing-survivor'] }),
  });
  await intake([recordOf(three)]);
  const survivor = (await things.read(['thing-survivor'])).get('thing-survivor');
  expect(survivor && isPlaceholder(survivor)).toBe(true);
});

const whole: readonly PartitionOffsets[] = [{ partition: 0, own: undefined, start: 0n, end: 9n }];
const cut: readonly PartitionOffsets[] = [{ partition: 0, own: 1n, start: 4n, end: 9n }];

interface Case {
  readonly partitions?: readonly PartitionOffsets[];
  readonly unusable?: string;
  readonly owner?: () => Promise<OwnerState>;
  /** Read while the topic is waited on, behind what it had at opening. */
  readonly later?: readonly SnapshotRecord[];
  readonly broken?: boolean;
  /** Stored here before. */
  readonly before?: readonly ProjectedDocument[];
  readonly logRecords?: number;
  /** Held here for an event that cannot be read. */
  readonly poisoned?: readonly ProjectedDocument[];
}

const ownerAt =
  (version: number, more: Partial<OwnerState> = {}) =>
  async (): Promise<OwnerState> => ({
    newestUnheld: { subject: three._id, version },
    complete: true,
    held: [],
    moreHeld: false,
    figures: { subjects: 1, versions: version },
    ...more,
  });

async function takeIn(given: Case) {
  const { partitions = whole, unusable, owner = ownerAt(3), later = [], broken, before = [], logRecords = 9 } = given;
  const { things, intake, held } = world(before);
  for (const document of given.poisoned ?? []) await held.hold([heldFor(document._id, 'invalid-data', 2)]);
  const subjects = [three._id, ...before.map(({ _id }) => _id), ...later.map(({ subject }) => subject)];
  const heldHere: string[] = [];
  const holdAsOwner = async (held: OwnerState['held']) => void heldHere.push(...held.map(({ key }) => key));
  let nowMs = 0;
  const source = snapshotsFirst({
    topic: 'things',
    snapshots: {
      name: 'snapshots',
      unusable: async () => unusable,
      async read({ handle, enough }) {
        await handle([
          recordOf(two),
          ...(broken ? [{ position: 't/0@7', subject: newSubject('thing'), value: undefined }] : []),
        ]);
        const waiting = [...later];
        while (!enough()) {
          nowMs += 10;
          await handle(waiting.splice(0, 1));
          // As the look of a real reading, which comes after what was begun meanwhile.
          await new Promise((resolve) => setImmediate(resolve));
        }
      },
    },
    async copies(passed) {
      const documents = await things.read([...new Set(subjects)]);
      const known = [...documents.values()].filter((one) => !isPlaceholder(one));
      const versions = known.reduce((sum, { version }) => sum + version, 0);
      return withHeld({ subjects: known.length, versions }, passed, documents);
    },
    logRecords: async () => logRecords,
    intake,
    owner,
    holdAsOwner,
    newestWaitMs: 50,
    nowMs: () => nowMs,
    log: silentLogger,
  });
  const signal = new AbortController().signal;
  const proven = await source({ reason: 'new', partitions, signal, report: () => {} });
  return { proven, version: (await things.read([three._id])).get(three._id)?.version, heldHere };
}

test.each<[string, Case, boolean, number | undefined]>([
  ['the newest event is in a snapshot', { owner: ownerAt(2) }, true, 2],
  ['its snapshot comes while it is waited for', { later: [recordOf(two), recordOf(three)] }, true, 3],
  ['its snapshot does not come in time', {}, false, 2],
  ['its owner has no events', { owner: ownerAt(2, { newestUnheld: undefined }) }, false, undefined],
  ['its owner does not answer', { owner: () => Promise.reject(new Error('away')) }, false, undefined],
  ['its owner is scanning', { owner: ownerAt(2, { complete: false }) }, false, undefined],
  ['its owner holds more than it tells', { owner: ownerAt(2, { moreHeld: true }) }, false, undefined],
  ['there are no usable snapshots', { unusable: 'there is no topic' }, false, undefined],
  ['a snapshot cannot be read', { owner: ownerAt(2), broken: true }, false, 2],
])('proven, with a log that is whole, when %s: else it is read', async (_, given, proven, version) => {
  expect(await takeIn(given)).toEqual({ proven, version, heldHere: [] });
});

test.each<[string, Case]>([
  ['there is no topic', { unusable: 'there is no topic' }],
  ['at version 3', {}],
  ['its owner does not answer (away)', { owner: () => Promise.reject(new Error('away')) }],
  ['still behind their events', { owner: ownerAt(2, { complete: false }) }],
])('a log that is cut cannot stand in: "%s" is an error, and it is tried again', async (why, given) => {
  await expect(takeIn({ ...given, partitions: cut })).rejects.toThrow(why);
});

test('of a log that is cut, a snapshot that cannot be read is held and shown, and keeps no others', async () => {
  expect(await takeIn({ partitions: cut, owner: ownerAt(2), broken: true })).toMatchObject({
    proven: true,
    version: 2,
  });
});

test('an owner that holds every subject it has shows no snapshot that could be waited for', async () => {
  const held = [{ key: 'thing-poisoned', seenVersion: 3 }];
  const owner = ownerAt(2, { newestUnheld: undefined, held });
  expect(await takeIn({ partitions: cut, owner })).toEqual({ proven: true, version: 2, heldHere: ['thing-poisoned'] });
});

test('hazard: what the owner holds is held here too, else nobody would know that its events were passed', async () => {
  const held = [{ key: 'thing-poisoned', seenVersion: 3 }];
  expect(await takeIn({ owner: ownerAt(2, { held }) })).toMatchObject({ proven: true, heldHere: ['thing-poisoned'] });
});

test('a snapshot whose text was lost on its way is held at its offset, and stands in place of no event', async () => {
  const { held, intake, things } = world();
  const lost = { ...three, data: { ...three.data, name: 'A\ufffd' } };
  expect((await intake([recordOf(lost)])).unreadable).toEqual(new Set([three._id]));
  expect((await held.list(2)).map(({ key, detail }) => [key, detail.slice(0, 21)])).toEqual([
    ['t/0@1', 'data.name holds U+FFF'],
  ]);
  expect(await things.read([three._id])).toEqual(new Map());
});

describe('the copies are held against what the owner has', () => {
  const lives = Array.from({ length: 3 }, () => lifeOf(2));
  const others = lives.map((life) => snapshotOf(life));
  const owner = ownerAt(2, { figures: { subjects: 4, versions: 8 } });
  const late = others.map((one) => recordOf(one));

  test.each<[string, Case, string]>([
    ['a topic made anew has the newest and no others', {}, '1 of 4 subjects'],
    ['it has an overlap of the newest ones', { later: late.slice(1) }, '3 of 4 subjects'],
    [
      'all are here, and one is old',
      { later: late.slice(1), before: lives.map((life) => snapshotOf(life.slice(0, 1))) },
      'versions of some are too low, by 1 events',
    ],
    ['one is held by its owner and has a snapshot there', { later: late.slice(1) }, '3 of 4 subjects'],
  ])('hazard: %s: it is not proven', async (_what, given, why) => {
    // With a log that is whole the log is folded, and with one that is cut it is said and tried again.
    expect(await takeIn({ owner, ...given })).toMatchObject({ proven: false });
    await expect(takeIn({ owner, ...given, partitions: cut })).rejects.toThrow(why);
  });

  test.each<[string, Case]>([
    ['every subject came, while newer ones are written', { later: [...late, recordOf(snapshotOf(lifeOf(1)))] }],
    ['the last ones come while they are waited for', { later: [recordOf(three), ...late] }],
    ['what is not in the topic was here before', { before: others }],
    ['the owner has fewer than are here', { before: others, owner: ownerAt(2) }],
  ])('proven when %s', async (_what, given) => {
    expect(await takeIn({ partitions: cut, owner, ...given })).toMatchObject({ proven: true });
  });

  test('one that is held here for poison is not missing: it is shown', async () => {
    const poisoned = [others[0] as ProjectedDocument];
    expect(await takeIn({ partitions: cut, owner, later: late, poisoned })).toMatchObject({ proven: true });
  });

  const unreadOf = (subject: string, position = 't/0@7') => ({ position, subject, value: undefined });
  const [first, second] = others.map(({ _id }) => _id) as [string, string];

  test.each<[string, readonly SnapshotRecord[]]>([
    ['it comes twice, as after a consumer begins anew', [unreadOf(first), unreadOf(first), ...late.slice(2)]],
    ['the subject has two', [unreadOf(first), unreadOf(first, 't/0@8'), ...late.slice(2)]],
    ['the subject has a readable one after it', [unreadOf(first), ...late.filter(({ subject }) => subject !== second)]],
    ['the subject is here already', [...late.filter(({ subject }) => subject !== second), unreadOf(first)]],
    ['it is of no subject', [unreadOf('nobody'), ...late.slice(1)]],
    ['its key is not known, and it comes twice', [unreadOf(''), unreadOf(''), ...late.slice(2)]],
  ])('hazard: an unreadable record hides no subject that is missing: %s', async (_what, later) => {
    await expect(takeIn({ owner, later, partitions: cut })).rejects.toThrow('of 4 subjects of its owner are here');
  });

  test.each<[string, readonly SnapshotRecord[]]>([
    ['by its key', [unreadOf(first), ...late.slice(1)]],
    ['by its offset, where no key is known', [unreadOf(''), ...late.slice(1)]],
  ])('a subject whose only snapshot is unreadable is not missing: it is shown %s', async (_what, later) => {
    expect(await takeIn({ owner, later, partitions: cut })).toMatchObject({ proven: true });
  });

  test('an unreadable snapshot that a readable one follows is no reason to read the log', async () => {
    expect(await takeIn({ owner, later: [unreadOf(first), ...late] })).toMatchObject({ proven: true });
  });

  test('hazard: a log that begins at its beginning, and was made anew, is not whole', async () => {
    await expect(takeIn({ owner, logRecords: 7 })).rejects.toThrow('got 7 of at least 8 events of its owner');
    await expect(takeIn({ owner, logRecords: 7, unusable: 'snapshots is empty' })).rejects.toThrow(
      'snapshots is empty',
    );
  });
});
