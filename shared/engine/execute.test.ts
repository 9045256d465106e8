// Goal: a command is decided on what is stored, decided again when somebody was faster, and done once for each key.
// Method: the in-memory store, which passes the same suite as the real one, with rivals let in at the named moment.
import { randomUUID } from 'node:crypto';
import { inMemoryDocuments, inMemoryEventStore } from '../adapters/in-memory/index.ts';
import { eventOf, eventsOf, newSubject, testClock, testIds } from '../testing/index.ts';
import {
  type Thing,
  type ThingCommand,
  type ThingEvent,
  thingDecider,
  thingProjection,
} from '../testing/workspace/thing.ts';
import { type CommandPorts, decisionsMax, type Execution, execute } from './execute.ts';
import { fold } from './fold.ts';
import type { EventStore } from './ports.ts';
import type { ProjectedDocument } from './projection.ts';

const causation = { correlationid: 'conversation' };
const named = (name: string) => ({ type: 'thingNamed_v2', data: { name } });

function world(initially: readonly ProjectedDocument[] = []) {
  const store = inMemoryEventStore();
  const ports: CommandPorts<Thing, ThingEvent> = {
    projection: thingProjection,
    documents: inMemoryDocuments(initially),
    store,
    clock: testClock(),
    ids: testIds(),
  };
  const run = (
    subject: string,
    command: ThingCommand,
    more: Partial<Execution<ThingCommand>> = {},
    changed: Partial<EventStore> = {},
  ) => execute({ ...ports, store: { ...store, ...changed } }, thingDecider, { subject, command, causation, ...more });
  return { store, ports, run };
}

const key = (digest = 'body') => ({ claim: `key:${randomUUID()}`, digest });

describe('deciding', () => {
  test('events are stored with their place, time, claims and causation, and the document they make is answered', async () => {
    const { store, ports, run } = world();
    const subject = newSubject('thing');
    const box = randomUUID();
    const executed = await run(subject, { kind: 'nameAndPut', name: 'A', boxId: box });
    const stored = await store.read(subject);
    const common = {
      specversion: '1.0',
      source: '/things',
      subject,
      time: ports.clock.now(),
      correlationid: 'conversation',
    };
    expect(stored).toEqual([
      { ...common, ...named('A'), id: expect.any(String), version: 1, claims: ['name:a'] },
      { ...common, type: 'thingPutIntoBox_v1', data: { boxId: box }, id: expect.any(String), version: 2 },
    ]);
    expect(executed).toEqual({
      subject,
      document: fold(thingProjection, undefined, stored).document,
      snapshotVersion: 0,
      replayed: false,
      changed: true,
    });
  });

  test('a snapshot is only where reading begins', async () => {
    const subject = newSubject('thing');
    const events = eventsOf(subject, [named('a'), named('b'), named('c')]);
    const snapshot = fold(thingProjection, undefined, events.slice(0, 2)).document as ProjectedDocument;
    const { store, run } = world([snapshot]);
    await store.append(events);
    const asked: number[] = [];
    const executed = await run(
      subject,
      { kind: 'name', name: 'd' },
      {},
      {
        read: (of, range = {}) => {
          asked.push(range.afterVersion ?? 0);
          return store.read(of, range);
        },
      },
    );
    expect(executed).toMatchObject({ document: { version: 4, data: { name: 'd' } }, snapshotVersion: 2 });
    expect(executed.document).toEqual(fold(thingProjection, undefined, await store.read(subject)).document);
    expect(asked).toEqual([2]);
  });

  test('what changes nothing stores nothing, and answers the document', async () => {
    const { store, run } = world();
    const subject = newSubject('thing');
    await run(subject, { kind: 'name', name: 'a' });
    expect(await run(subject, { kind: 'name', name: 'a' })).toMatchObject({
      document: { version: 1 },
      replayed: false,
      changed: false,
    });
    expect(await store.read(subject)).toHaveLength(1);
  });

  test('what is refused stores nothing', async () => {
    const { store, run } = world();
    const subject = newSubject('thing');
    await expect(run(subject, { kind: 'remove' })).rejects.toMatchObject({ code: 'not-found' });
    expect(await store.read(subject)).toEqual([]);
  });

  test('a claim that another holds is answered by the decider', async () => {
    const { run } = world();
    await run(newSubject('thing'), { kind: 'name', name: 'a' });
    await expect(run(newSubject('thing'), { kind: 'name', name: 'A' })).rejects.toMatchObject({ code: 'email-taken' });
  });

  test('a subject with an event that cannot be folded is held, with the version that is stored', async () => {
    const { store, run } = world();
    const subject = newSubject('thing');
    await store.append(eventsOf(subject, [named('a'), { type: 'thingNamed_v3' }, named('c')]));
    await expect(run(subject, { kind: 'name', name: 'd' })).rejects.toMatchObject({
      code: 'subject-held',
      currentVersion: 3,
    });
  });

  test('a precondition is asked before deciding, and not where the key was used already', async () => {
    const { run } = world();
    const [subject, request] = [newSubject('thing'), key()];
    await run(subject, { kind: 'name', name: 'a' }, { request, precondition: async () => {} });
    const refuse = { precondition: () => Promise.reject(new Error('not now')) };
    expect(await run(subject, { kind: 'name', name: 'a' }, { request, ...refuse })).toMatchObject({ replayed: true });
    await expect(run(subject, { kind: 'name', name: 'b' }, refuse)).rejects.toThrow('not now');
  });
});

describe('a rival that was faster', () => {
  /** Lets a rival store its event just before each of the first `times` appends. */
  const rivals = (store: EventStore, subject: string, times: number) => {
    let left = times;
    const append: EventStore['append'] = async (events) => {
      if (left > 0) {
        left -= 1;
        await store.append([eventOf({ subject, version: events[0]?.version ?? 1, ...named(`rival ${left}`) })]);
      }
      return store.append(events);
    };
    return { append };
  };

  test.each([1, decisionsMax - 1])('%d times: decided again on what is stored now', async (times) => {
    const { store, run } = world();
    const subject = newSubject('thing');
    const executed = await run(subject, { kind: 'name', name: 'mine' }, {}, rivals(store, subject, times));
    expect(executed.document).toMatchObject({ version: times + 1, data: { name: 'mine' } });
    expect((await store.read(subject)).map(({ version }) => version)).toEqual(
      Array.from({ length: times + 1 }, (_, i) => i + 1),
    );
  });

  test('as often as it may be decided: a conflict, and nothing stored', async () => {
    const { store, run } = world();
    const subject = newSubject('thing');
    await expect(
      run(subject, { kind: 'name', name: 'mine' }, {}, rivals(store, subject, decisionsMax)),
    ).rejects.toMatchObject({
      code: 'version-conflict',
      currentVersion: expect.any(Number),
    });
    expect((await store.read(subject)).filter(({ data }) => data.name === 'mine')).toEqual([]);
  });

  test('that did the same: nothing is left to do', async () => {
    const { store, run } = world();
    const subject = newSubject('thing');
    const append: EventStore['append'] = async (events) => {
      await store.append([eventOf({ subject, ...named('mine') })]);
      return store.append(events);
    };
    expect(await run(subject, { kind: 'name', name: 'mine' }, {}, { append })).toMatchObject({
      document: { version: 1 },
    });
  });

  test('that makes the command impossible: it is refused for that', async () => {
    const { store, run } = world();
    const subject = newSubject('thing');
    await run(subject, { kind: 'name', name: 'a' });
    const append: EventStore['append'] = async (events) => {
      await store.append([eventOf({ subject, version: 2, type: 'thingRemoved_v1' })]);
      return store.append(events);
    };
    await expect(run(subject, { kind: 'name', name: 'b' }, {}, { append })).rejects.toMatchObject({ code: 'deleted' });
  });
});

describe('a condition on the version', () => {
  test('is asked with the current version, and refuses with it', async () => {
    const { store, run } = world();
    const subject = newSubject('thing');
    await run(subject, { kind: 'name', name: 'a' });
    await run(subject, { kind: 'name', name: 'b' }, { allows: (version) => version === 1 });
    const stale = run(subject, { kind: 'name', name: 'c' }, { allows: (version) => version === 1 });
    await expect(stale).rejects.toMatchObject({ code: 'if-match-failed', currentVersion: 2 });
    expect(await store.read(subject)).toHaveLength(2);
  });

  test('holds for each decision: a rival in between makes it stale, not decided again', async () => {
    const { store, run } = world();
    const subject = newSubject('thing');
    await run(subject, { kind: 'name', name: 'a' });
    const append: EventStore['append'] = async (events) => {
      await store.append([eventOf({ subject, version: 2, ...named('rival') })]);
      return store.append(events);
    };
    const stale = run(subject, { kind: 'name', name: 'b' }, { allows: (version) => version === 1 }, { append });
    await expect(stale).rejects.toMatchObject({ code: 'if-match-failed', currentVersion: 2 });
  });

  test('also where nothing would change; what does not exist or was removed is said first', async () => {
    const { run } = world();
    const subject = newSubject('thing');
    await run(subject, { kind: 'name', name: 'a' });
    await expect(run(subject, { kind: 'name', name: 'a' }, { allows: () => false })).rejects.toMatchObject({
      code: 'if-match-failed',
    });
    await run(subject, { kind: 'remove' });
    await expect(run(subject, { kind: 'remove' }, { allows: () => false })).rejects.toMatchObject({ code: 'deleted' });
  });
});

describe('a key', () => {
  test('is stored with the first event, beside the digest and the last version', async () => {
    const { store, run } = world();
    const [subject, request] = [newSubject('thing'), key()];
    await run(subject, { kind: 'nameAndPut', name: 'a', boxId: randomUUID() }, { request });
    const [first, second] = await store.read(subject);
    expect(first).toMatchObject({ claims: ['name:a', request.claim], request: { digest: 'body', lastVersion: 2 } });
    expect(second).not.toHaveProperty('request');
    expect(second).not.toHaveProperty('claims');
  });

  test('used again answers as the first time, whatever happened since, and stores nothing', async () => {
    const { store, run } = world();
    const [subject, request] = [newSubject('thing'), key()];
    const first = await run(subject, { kind: 'name', name: 'a' }, { request });
    await run(subject, { kind: 'name', name: 'b' });
    await run(subject, { kind: 'remove' });
    const again = await run(subject, { kind: 'name', name: 'a' }, { request });
    expect(again).toEqual({ ...first, replayed: true });
    expect(await store.read(subject)).toHaveLength(3);
  });

  test('used again for a creation names the first one’s subject', async () => {
    const { store, run } = world();
    const [first, second, request] = [newSubject('thing'), newSubject('thing'), key()];
    await run(first, { kind: 'name', name: 'a' }, { request });
    expect(await run(second, { kind: 'name', name: 'a' }, { request })).toMatchObject({
      subject: first,
      replayed: true,
    });
    expect(await store.read(second)).toEqual([]);
  });

  test('with another digest is refused', async () => {
    const { run } = world();
    const [subject, request] = [newSubject('thing'), key()];
    await run(subject, { kind: 'name', name: 'a' }, { request });
    const other = run(subject, { kind: 'name', name: 'b' }, { request: { ...request, digest: 'other' } });
    await expect(other).rejects.toMatchObject({ code: 'idempotency-key-reused' });
  });

  test('of a request that stored nothing is free: it is decided anew', async () => {
    const { run } = world();
    const [subject, request] = [newSubject('thing'), key()];
    await expect(run(subject, { kind: 'remove' }, { request })).rejects.toMatchObject({ code: 'not-found' });
    await run(subject, { kind: 'name', name: 'a' });
    expect(await run(subject, { kind: 'name', name: 'a' }, { request })).toMatchObject({
      replayed: false,
      changed: false,
    });
    expect(await run(subject, { kind: 'remove' }, { request })).toMatchObject({
      replayed: false,
      changed: true,
      document: { state: 'removed' },
    });
  });

  describe('of a twin that is under way', () => {
    /** The twin does its whole work at the moment this request wants to append. */
    function withTwin(command: ThingCommand, digest = 'body') {
      const { store, run } = world();
      const [subject, request] = [newSubject('thing'), key()];
      const twin = () => run(subject, command, { request: { ...request, digest } });
      return { store, run, subject, request, twin };
    }

    test('found by the version conflict: answered as the twin', async () => {
      const { store, run, subject, request, twin } = withTwin({ kind: 'name', name: 'a' });
      const append: EventStore['append'] = async (events) => {
        await twin();
        return store.append(events);
      };
      expect(await run(subject, { kind: 'name', name: 'a' }, { request }, { append })).toMatchObject({
        replayed: true,
        document: { version: 1 },
      });
      expect(await store.read(subject)).toHaveLength(1);
    });

    test('found by the claim conflict, as two creations without an id meet: answered as the twin', async () => {
      const { store, run, subject, request, twin } = withTwin({ kind: 'name', name: 'a' });
      const other = newSubject('thing');
      const append: EventStore['append'] = async (events) => {
        await twin();
        return store.append(events);
      };
      expect(await run(other, { kind: 'name', name: 'a' }, { request }, { append })).toMatchObject({
        replayed: true,
        subject,
      });
      expect(await store.read(other)).toEqual([]);
    });

    test('that is why nothing is left to do: answered as the twin, not as a request of its own', async () => {
      const { store, run, subject, request, twin } = withTwin({ kind: 'name', name: 'a' });
      let done = false;
      const read: EventStore['read'] = async (of, range) => {
        if (!done) {
          done = true;
          await twin();
        }
        return store.read(of, range);
      };
      expect(await run(subject, { kind: 'name', name: 'a' }, { request }, { read })).toMatchObject({ replayed: true });
    });

    test('that is why it is refused: answered as the twin', async () => {
      const { store, run, subject, request, twin } = withTwin({ kind: 'remove' });
      await run(subject, { kind: 'name', name: 'a' });
      const append: EventStore['append'] = async (events) => {
        await twin();
        return store.append(events);
      };
      expect(await run(subject, { kind: 'remove' }, { request }, { append })).toMatchObject({
        replayed: true,
        document: { version: 2, state: 'removed' },
      });
    });

    test('with another digest: refused', async () => {
      const { store, run, subject, request, twin } = withTwin({ kind: 'name', name: 'b' }, 'other');
      const append: EventStore['append'] = async (events) => {
        await twin();
        return store.append(events);
      };
      const mine = run(subject, { kind: 'name', name: 'a' }, { request }, { append });
      await expect(mine).rejects.toMatchObject({ code: 'idempotency-key-reused' });
    });

    test('a store that gave no certain answer, but stored it: answered as done', async () => {
      const { store, run, subject, request, twin } = withTwin({ kind: 'name', name: 'a' });
      const append: EventStore['append'] = async () => {
        await twin();
        throw new Error('no certain answer');
      };
      expect(await run(subject, { kind: 'name', name: 'a' }, { request }, { append })).toMatchObject({
        replayed: true,
      });
      expect(await store.read(subject)).toHaveLength(1);
    });
  });
});
