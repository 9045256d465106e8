// Goal: whatever order, repetition, division and interruption a feed brings, the documents are the fold of the events; what
// cannot go on holds itself only. Method: the real projector on in-memory ports, with crashes between its writes.
import { randomUUID } from 'node:crypto';
import { inMemoryDocuments, inMemoryEventStore, inMemoryHeldSubjects } from '../adapters/in-memory/index.ts';
import { eventOf, eventsOf, newSubject, seededRandom, testClock } from '../testing/index.ts';
import { testSeed } from '../testing/workspace/index.ts';
import { boxProjection, thingProjection } from '../testing/workspace/thing.ts';
import type { StoredEvent } from './event.ts';
import { fold } from './fold.ts';
import type { Documents, DocumentWrite, EventStore, FeedItem } from './ports.ts';
import { createProjector } from './projector.ts';

const named = (name: string) => ({ type: 'thingNamed_v2', data: { name } });
const putInto = (boxId: string) => ({ type: 'thingPutIntoBox_v1', data: { boxId } });
const items = (events: readonly StoredEvent[]): FeedItem[] =>
  events.map((event, i) => ({ source: 'events', position: `events@${i}`, event }));

interface Written {
  readonly model: string;
  readonly write: DocumentWrite;
}

function world(owner?: Pick<EventStore, 'readNext'>) {
  const written: Written[] = [];
  const batches: string[] = [];
  const reads: string[] = [];
  let failing: string | undefined;
  const recording = (model: string, documents: Documents): Documents => ({
    read: (ids) => {
      reads.push(model);
      return documents.read(ids);
    },
    write: async (writes) => {
      if (failing === model) throw new Error(`${model} cannot be written`);
      batches.push(model);
      written.push(...writes.map((write) => ({ model, write })));
      await documents.write(writes);
    },
  });
  const boxes = recording('boxes', inMemoryDocuments());
  const things = recording('things', inMemoryDocuments());
  const held = inMemoryHeldSubjects();
  const alarms: unknown[] = [];
  const log = { info() {}, warn() {}, error: (details: object) => alarms.push(details) };
  const ports = {
    models: [
      { projection: boxProjection, documents: boxes },
      { projection: thingProjection, documents: things },
    ],
    held,
    clock: testClock(),
    log,
    ...(owner && { owner }),
  };
  return {
    projector: createProjector(ports),
    boxes,
    things,
    held,
    alarms,
    written,
    batches,
    reads,
    apply: (events: readonly StoredEvent[]) => createProjector(ports).apply(items(events)),
    thing: async (subject: string) => (await things.read([subject])).get(subject),
    box: async (subject: string) => (await boxes.read([subject])).get(subject),
    fail: (model: string | undefined) => {
      failing = model;
    },
    ports,
  };
}

describe('batches', () => {
  test('many subjects cost one read and one write per collection, and the outcome says what was done', async () => {
    const { apply, reads, batches } = world();
    const subjects = Array.from({ length: 50 }, () => newSubject('thing'));
    const events = subjects.flatMap((subject) => eventsOf(subject, [named('a'), named('b')]));
    const outcome = await apply([...events, ...events.slice(0, 10), eventOf({ subject: newSubject('stranger') })]);
    expect(outcome).toMatchObject({ applied: 100, repeats: 10, ignored: 1, forks: [], held: [] });
    expect(outcome.versions).toEqual(new Map(subjects.map((subject) => [subject, 2])));
    expect(outcome.changes).toHaveLength(50);
    expect([reads, batches]).toEqual([['things'], ['things']]);
  });

  test('messages that say nothing to this consumer are counted, and hold nothing', async () => {
    const { ports } = world();
    const [event] = items(eventsOf(newSubject('thing'), [named('a')])) as [FeedItem];
    const nothing = { source: 'others', position: 'others/0@1', passedOver: true } as const;
    const outcome = await createProjector(ports).apply([nothing, event, nothing]);
    expect(outcome).toMatchObject({ applied: 1, ignored: 0, passedOver: 2, held: [] });
  });

  test('changes show the document before and after', async () => {
    const { apply } = world();
    const events = eventsOf(newSubject('thing'), [named('a'), named('b')]);
    const first = await apply(events.slice(0, 1));
    const second = await apply(events);
    expect(first.changes).toMatchObject([{ before: undefined, after: { version: 1 } }]);
    expect(second.changes).toMatchObject([{ before: { version: 1 }, after: { version: 2, data: { name: 'b' } } }]);
  });

  test('repeats write nothing', async () => {
    const { apply, batches } = world();
    const events = eventsOf(newSubject('thing'), [named('a'), named('b')]);
    await apply(events);
    batches.length = 0;
    expect(await apply(events)).toMatchObject({ applied: 0, repeats: 2, changes: [] });
    expect(batches).toEqual([]);
  });

  test('an empty batch does nothing', async () => {
    const { apply, reads } = world();
    expect(await apply([])).toMatchObject({ applied: 0, held: [] });
    expect(reads).toEqual([]);
  });
});

describe('placeholders', () => {
  test('what is named first is inserted before its referrer, and filled in when its own event comes', async () => {
    const { apply, batches, box } = world();
    const [thing, boxId] = [newSubject('thing'), randomUUID()];
    await apply(eventsOf(thing, [named('a'), putInto(boxId)]));
    expect(batches).toEqual(['boxes', 'things']);
    expect(await box(`box-${boxId}`)).toEqual({ _id: `box-${boxId}`, version: 0, state: 'notYetAvailable' });
    await apply(eventsOf(`box-${boxId}`, [named('the box')]));
    expect(await box(`box-${boxId}`)).toMatchObject({ version: 1, state: 'available', data: { name: 'the box' } });
  });

  test('every target counts, also one that a later event of the same batch moves away from', async () => {
    const { apply, box } = world();
    const [first, second] = [randomUUID(), randomUUID()];
    await apply(eventsOf(newSubject('thing'), [named('a'), putInto(first), putInto(second)]));
    expect([await box(`box-${first}`), await box(`box-${second}`)]).toMatchObject([{ version: 0 }, { version: 0 }]);
  });

  test('none for a target that is there, comes in the same batch, or is no kind that is kept', async () => {
    const { apply, written } = world();
    const [there, coming] = [randomUUID(), randomUUID()];
    await apply(eventsOf(`box-${there}`, [named('x')]));
    await apply([
      ...eventsOf(newSubject('thing'), [named('a'), putInto(there), putInto(coming)]),
      ...eventsOf(`box-${coming}`, [named('y')]),
    ]);
    expect(written.filter(({ write }) => 'placeholder' in write)).toEqual([]);
  });

  test('none from an event that was not applied: behind a hole it names nothing yet', async () => {
    const { apply, box } = world();
    const [thing, boxId] = [newSubject('thing'), randomUUID()];
    const events = eventsOf(thing, [named('a'), named('b'), putInto(boxId)]);
    await apply([events[0], events[2]] as StoredEvent[]);
    expect(await box(`box-${boxId}`)).toBeUndefined();
    await apply(events);
    expect(await box(`box-${boxId}`)).toMatchObject({ state: 'notYetAvailable' });
  });

  test('a subject that names one of its own kind never stands before it, wherever in the batch that one comes', async () => {
    const { ports, things, written } = world();
    // A thing is put into another thing.
    const names = (event: { type: string; data: object }) =>
      'boxId' in event.data ? [`thing-${event.data.boxId}`] : [];
    const nesting = { projection: { ...thingProjection, names }, documents: things };
    const [inner, late, never] = [newSubject('thing'), newSubject('thing'), newSubject('thing')];
    const idsOf = [late, never].map((subject) => subject.slice('thing-'.length));
    const into = idsOf.map((id) => putInto(id as string));
    const events = [...eventsOf(inner, into), ...eventsOf(late, [named('comes behind')])];
    await createProjector({ ...ports, models: [nesting] }).apply(items(events));
    const order = written.map(({ write }) => ('put' in write ? write.put._id : `placeholder of ${write.placeholder}`));
    expect(order).toEqual([`placeholder of ${late}`, `placeholder of ${never}`, inner, late]);
  });

  test('a repeat inserts what a crash between the two collections left out', async () => {
    const { apply, box, thing, fail, things } = world();
    const [subject, boxId] = [newSubject('thing'), randomUUID()];
    const events = eventsOf(subject, [named('a'), putInto(boxId)]);
    fail('boxes');
    await expect(apply(events)).rejects.toThrow('cannot be written');
    expect(await thing(subject)).toBeUndefined();
    // Even a referrer that was written by other means names its target again.
    await things.write([{ put: fold(thingProjection, undefined, events).document as never }]);
    fail(undefined);
    await apply(events);
    expect(await box(`box-${boxId}`)).toMatchObject({ version: 0 });
  });
});

describe('held subjects', () => {
  test('an event that cannot be read holds its own subject, and nothing else', async () => {
    const { apply, held, thing } = world();
    const [bad, good] = [newSubject('thing'), newSubject('thing')];
    const outcome = await apply([
      ...eventsOf(bad, [named('a'), { type: 'thingNamed_v3' }, named('c')]),
      ...eventsOf(good, [named('x'), named('y')]),
    ]);
    expect(outcome.held).toMatchObject([
      { key: bad, projection: 'things', appliedVersion: 1, reason: 'unknown-version' },
    ]);
    expect(await held.list(9)).toMatchObject([{ key: bad, attempts: 1 }]);
    expect([(await thing(bad))?.version, (await thing(good))?.version]).toEqual([1, 2]);
  });

  test('what has no readable subject is held by its place', async () => {
    const { projector, held } = world();
    const outcome = await projector.apply([
      { source: 'events', position: 'events/0@17', unreadable: 'id is "17", expected a UUID' },
    ]);
    expect(outcome.held).toMatchObject([{ key: 'events/0@17', reason: 'unreadable' }]);
    expect(await held.list(9)).toMatchObject([{ key: 'events/0@17', detail: 'id is "17", expected a UUID' }]);
  });

  test('a hole is held, and released when what was missing came, whatever came with it', async () => {
    const { apply, held, thing } = world();
    const subject = newSubject('thing');
    const events = eventsOf(subject, [named('a'), named('b'), named('c')]);
    await apply([events[0], events[2]] as StoredEvent[]);
    expect(await held.list(9)).toMatchObject([{ key: subject, reason: 'hole', appliedVersion: 1 }]);
    await apply(events.slice(1));
    expect(await held.count()).toBe(0);
    expect(await thing(subject)).toMatchObject({ version: 3, data: { name: 'c' } });
  });

  test('it stays held while only what is below came, and keeps the reason why it stopped', async () => {
    const { apply, held } = world();
    const subject = newSubject('thing');
    const events = eventsOf(subject, [named('a'), { type: 'thingNamed_v3' }, named('c')]);
    await apply(events.slice(0, 2));
    await apply(events.slice(0, 1));
    await apply(events.slice(2));
    expect(await held.list(9)).toMatchObject([{ key: subject, reason: 'unknown-version' }]);
  });

  // The hazard: the document was written, the process ended before the release, and the repeat applies nothing any more.
  test('a crash between the document and the release is made good by the repeat', async () => {
    const { ports, apply, held } = world();
    const subject = newSubject('thing');
    const events = eventsOf(subject, [named('a'), named('b'), named('c')]);
    await apply([events[0], events[2]] as StoredEvent[]);
    const crashing = createProjector({
      ...ports,
      held: { ...held, release: () => Promise.reject(new Error('killed')) },
    });
    await expect(crashing.apply(items(events))).rejects.toThrow('killed');
    expect(await held.count()).toBe(1);
    await apply(events);
    expect(await held.count()).toBe(0);
  });

  test('a crash before the holding is stored leaves it to the repeat', async () => {
    const { ports, apply, held } = world();
    const events = eventsOf(newSubject('thing'), [named('a'), { type: 'thingNamed_v3' }]);
    const crashing = createProjector({ ...ports, held: { ...held, hold: () => Promise.reject(new Error('killed')) } });
    await expect(crashing.apply(items(events))).rejects.toThrow('killed');
    await apply(events);
    expect(await held.count()).toBe(1);
  });
});

describe('with the owner at hand', () => {
  test('a hole is filled from the store, in the same batch, placeholders included', async () => {
    const store = inMemoryEventStore();
    const { apply, held, thing, box } = world(store);
    const [subject, boxId] = [newSubject('thing'), randomUUID()];
    const events = eventsOf(subject, [named('a'), putInto(boxId), named('c')]);
    await store.append(events);
    expect(await apply(events.slice(2))).toMatchObject({ applied: 3, held: [] });
    expect(await thing(subject)).toEqual(fold(thingProjection, undefined, events).document);
    expect(await box(`box-${boxId}`)).toMatchObject({ version: 0 });
    expect(await held.count()).toBe(0);
  });

  test('what the owner has not either stays a hole', async () => {
    const store = inMemoryEventStore();
    const { apply, held } = world(store);
    await apply([eventOf({ subject: newSubject('thing'), version: 4, ...named('d') })]);
    expect(await held.list(9)).toMatchObject([{ reason: 'hole', appliedVersion: 0 }]);
  });

  test('hazard: each new event of one that cannot be read brings its whole backlog', async () => {
    const store = inMemoryEventStore();
    const subject = newSubject('thing');
    const backlog = Array.from({ length: 1500 }, (_, i) => named(`n${i}`));
    const events = eventsOf(subject, [named('a'), { type: 'thingNamed_v3' }, ...backlog]);
    await store.append(events);
    const readNext = jest.fn(store.readNext);
    const { apply, held } = world({ readNext });
    await apply(events.slice(0, 3));
    await apply(events.slice(-1));
    expect(readNext).not.toHaveBeenCalled();
    expect(await held.list(9)).toMatchObject([{ reason: 'unknown-version', appliedVersion: 1, seenVersion: 1502 }]);
  });

  test('hazard: many holes of one batch bring many histories at once', async () => {
    const store = inMemoryEventStore();
    const subjects = Array.from({ length: 20 }, () => newSubject('thing'));
    const lives = subjects.map((subject) => eventsOf(subject, Array(100).fill(named('a'))));
    for (const life of lives) await store.append(life);
    const given: number[] = [];
    const { apply, held } = world({
      async readNext(...asked) {
        const found = await store.readNext(...asked);
        given.push(found.length);
        return found;
      },
    });
    await apply(lives.map((life, i) => life[i % 2 === 0 ? 2 : 99] as StoredEvent));
    expect(given).toEqual([500]);
    expect(await held.count()).toBe(10);
  });

  test('without holes the owner is not asked', async () => {
    const readNext = jest.fn();
    await world({ readNext }).apply(eventsOf(newSubject('thing'), [named('a')]));
    expect(readNext).not.toHaveBeenCalled();
  });
});

test('a fork is an alarm and changes nothing', async () => {
  const { apply, alarms, thing } = world();
  const subject = newSubject('thing');
  const events = eventsOf(subject, [named('a'), named('b')]);
  await apply(events);
  const other = eventOf({ subject, version: 2, ...named('forged') });
  const fork = { subject, version: 2, appliedId: events[1]?.id, otherId: other.id };
  expect((await apply([other])).forks).toEqual([fork]);
  expect(alarms).toEqual([fork]);
  expect(await thing(subject)).toMatchObject({ lastEventId: events[1]?.id, data: { name: 'b' } });
});

const seed = testSeed();

test(`convergence: any delivery that keeps the order inside a subject ends in the same documents (seed ${seed})`, async () => {
  const random = seededRandom(seed);
  const subjects = Array.from({ length: 12 }, () => newSubject('thing'));
  const boxIds = Array.from({ length: 4 }, randomUUID);
  const streams = [
    ...subjects.map((subject) =>
      eventsOf(
        subject,
        Array.from({ length: 8 }, (_, i) => (i % 2 ? putInto(random.pick(boxIds)) : named(`n${i}`))),
      ),
    ),
    ...boxIds
      .slice(1)
      .map((id) => eventsOf(`box-${id}`, [named('b'), { type: 'thingSeen_v1' }, { type: 'thingRemoved_v1' }])),
  ];

  async function delivered(): Promise<unknown> {
    const { apply, things, boxes, held, fail } = world();
    const places = streams.map(() => 0);
    while (places.some((place, i) => place < (streams[i]?.length ?? 0))) {
      const batch: StoredEvent[] = [];
      for (let n = random.below(12); n >= 0; n -= 1) {
        const which = random.below(streams.length);
        const stream = streams[which] ?? [];
        const place = places[which] ?? 0;
        // Now and then the reader starts again further back, as after a crash before its checkpoint.
        const from = random.below(5) === 0 ? random.below(place + 1) : place;
        const to = Math.min(stream.length, place + random.below(3));
        batch.push(...stream.slice(from, to));
        places[which] = Math.max(place, to);
      }
      if (random.below(6) === 0) {
        fail(random.pick(['things', 'boxes']));
        await apply(batch).catch(() => undefined);
        fail(undefined);
      }
      await apply(batch);
    }
    expect(await held.count()).toBe(0);
    const all = [
      ...(await things.read(subjects)).values(),
      ...(await boxes.read(boxIds.map((id) => `box-${id}`))).values(),
    ];
    return all.sort((a, b) => (a._id < b._id ? -1 : 1));
  }

  const expected = await delivered();
  for (let n = 0; n < 30; n += 1) expect(await delivered()).toEqual(expected);
  const folded = streams.slice(0, 12).map((stream) => fold(thingProjection, undefined, stream).document);
  for (const document of folded) expect(expected).toContainEqual(document);
});
