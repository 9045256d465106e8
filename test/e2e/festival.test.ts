// Goal: whatever dies, and whoever comes and goes meanwhile, no team of a deleted event is left, no other team is missing, and each
// is deleted once, as the removals count it. Method: events are deleted while clients create, move, rename and delete teams; the
// processor is killed at named places, drawn by the seed; then the store, folded by itself, is held against the removals and the read side.
import { randomUUID } from 'node:crypto';
import { festival as example } from '@foldline/examples/festival/example';
import { projectorCrashPoints } from 'foldline/engine';
import { kafkaFeedCrashPoints } from 'foldline/kafka';
import { sagaCrashPoints } from 'foldline/running';
import { eventOf, seededRandom } from 'foldline/testing';
import { figure, someKills, testSeed } from 'foldline/testing/workspace';
import type { Db } from 'mongodb';
import { type ConsumerGroup, openConsumerGroup } from './support/consumer-group.ts';
import { type ExampleStack, startExampleStack } from './support/example-stack.ts';
import { type FestivalLoad, startFestivalLoad } from './support/festival-load.ts';
import { type FestivalStory, storyOf } from './support/festival-story.ts';
import { unmarkedIn } from './support/marks.ts';
import { runPage } from './support/page-commands.ts';
import { type AnswerBody, get, send } from './support/requests.ts';
import { type ServiceProcess, startServiceProcess } from './support/service-process.ts';
import { startLimitMs, stopLimitMs } from './support/test-system.ts';
import { waitUntil } from './support/wait-until.ts';

const seed = testSeed();
const random = seededRandom(seed);
const topic = 'festival-events';
const crashPoints = [...sagaCrashPoints, ...projectorCrashPoints, ...kafkaFeedCrashPoints];
/** At the first passing what lay there dies again; at a later one some of it was done. */
const passings = [1, 4];
const everyKill = crashPoints.flatMap((point) => passings.map((nth) => [point, nth] as const));
const kills = someKills(everyKill, 4, seed);
const deletions = figure({ usual: 20, full: 200 });
// What is waited for is a position; a busy machine alone must not fail it.
const crashLimitMs = 90_000;
const settleMs = figure({ usual: 120_000, full: 900_000 });
const testLimitMs = settleMs + 120_000;

let stack: ExampleStack;
let url: string;
let db: Db;
let group: ConsumerGroup;
let load: FestivalLoad;
let processor: ServiceProcess | undefined;
const removed: string[] = [];

beforeAll(async () => {
  stack = await startExampleStack(example);
  url = stack.stack.services.get('service')?.url ?? '';
  db = stack.client.db('festival');
  group = await openConsumerGroup(stack.stack.servers.brokers ?? '', 'festival-processor');
  // In its place come those that are killed.
  await stack.stack.services.get('processor')?.close();
  // Some events have more teams than one step removes.
  const doomedTeams = Array.from({ length: deletions }, (_, i) => (i % 7 === 3 ? 130 : 8));
  load = await startFestivalLoad(url, random, { stayingEvents: 10, doomedTeams });
}, startLimitMs);

afterAll(async () => {
  await processor?.process.close();
  await group?.close();
  await stack?.close();
}, stopLimitMs);

async function start(env: Readonly<Record<string, string>>): Promise<ServiceProcess> {
  const spec = example.services.find(({ name }) => name === 'processor');
  if (spec?.args === undefined) throw new Error('the example has no processor');
  // One that was not killed as it should have been must not go on beside the next.
  processor?.process.kill('SIGKILL');
  const { script, args, portVariable } = spec;
  const options = { name: 'crashing-processor', script, args, portVariable, env };
  processor = await startServiceProcess(stack.stack.servers, options);
  return processor;
}

/** As another writer would whose check came too late: a team in an event that is gone. */
async function slipIn(eventId: string, id: string = randomUUID()): Promise<string> {
  const data = { name: 'The Late', teamEventId: eventId };
  const fact = eventOf({ subject: `team-${id}`, type: 'teamCreated_v1', time: new Date(), data });
  await db.collection('FestivalEvents').insertOne(fact);
  return id;
}

describe('killed', () => {
  test.each(kills)(
    `at %s, at passing %i, while events are deleted and teams come and go (seed ${seed})`,
    async (point, nth) => {
      // #region kill
      const { process } = await start({ CRASH_AT: `${point}:${nth}` });
      for (let i = 0; i < Math.floor(deletions / kills.length); i += 1) removed.push(await load.deleteEvent());
      await waitUntil(`the end at ${point}`, crashLimitMs, async () => {
        if (process.ended() !== null) return undefined;
        await slipIn(random.pick(removed));
        return 'it runs';
      });
      expect(process.ended()).toEqual({ code: null, signal: 'SIGKILL' });
      // #endregion
      await group.removeMembers();
    },
    crashLimitMs + 60_000,
  );

  test(
    'no team of a deleted event is left, no other is missing, and each was deleted once',
    async () => {
      await load.stop();
      await (await start({})).whenReady();
      const { teams, deletedEvents } = await whenSettled();
      expect([...deletedEvents.keys()].sort()).toEqual([...removed].sort());
      // #region nobody-left
      const left = teams.filter(({ deletions, eventId }) => deletions.length === 0 && deletedEvents.has(eventId));
      expect(left).toEqual([]);
      expect(teams.filter(({ deletions }) => deletions.length > 1)).toEqual([]);
      // Deleted by the removal of the event that it was in, or by a client that was told so: nobody else.
      const missing = teams.filter(
        ({ id, eventId, deletions: [by] }) =>
          by !== undefined && by !== deletedEvents.get(eventId) && !load.deletedTeams.has(id),
      );
      expect(missing).toEqual([]);
      // #endregion
      expect(teams.filter(({ deletions }) => deletions.length === 1).length).toBeGreaterThan(deletions * 8);
    },
    testLimitMs,
  );

  test(
    'the read side shows the same: every team that is there in its event, and none in a deleted one',
    async () => {
      const { teams, deletedEvents } = await storyOf(db);
      for (const eventId of load.events) {
        const there = teams.filter((team) => team.eventId === eventId && team.deletions.length === 0);
        const { state, shown } = await eventOverHttp(eventId);
        expect(state).toBe(deletedEvents.has(eventId) ? 'deleted' : 'available');
        expect(shown).toEqual(there.map(({ id }) => id).sort());
      }
    },
    testLimitMs,
  );

  test('each removal counts what the store says it deleted, and none is at work or parked', async () => {
    const { teams, deletedEvents, removals } = await storyOf(db);
    // #region counts
    for (const [eventId, conversation] of deletedEvents) {
      const own = teams.filter((team) => team.eventId === eventId && team.deletions[0] === conversation);
      expect([eventId, removals.get(eventId)?.at(-1)]).toEqual([eventId, { what: 'Completed', count: own.length }]);
    }
    // #endregion
    expect(removals.size).toBe(deletedEvents.size);
    for (const state of ['running', 'waiting', 'parked']) expect(await sagasIn(state)).toEqual([]);
  });
});

test(
  'a team that slips into a removed event re-opens its removal, and is deleted',
  async () => {
    const [eventId = ''] = removed;
    const before = (await sagaOf(eventId)).timeline;
    // #region late
    const team = await slipIn(eventId);
    await waitUntil('the late team', settleMs, async () => {
      const { body } = await get(`${url}/teams/${team}`);
      return body.state === 'deleted' ? undefined : `it is ${body.state}`;
    });
    const { timeline } = await whenEnded(eventId, 'completed');
    expect(timeline.slice(before.length).map(({ type }) => type)).toEqual([
      'teamEventRemovalResumed_v1',
      'teamEventRemovalPlanned_v1',
      'teamEventRemovalTeamsDeleted_v1',
      'teamEventRemovalCompleted_v1',
    ]);
    // The number is that of all its teams, those before the end included.
    expect(timeline.at(-1)?.data.count).toBe(Number(before.at(-1)?.data.count) + 1);
    // #endregion
  },
  testLimitMs,
);

test(
  'what it cannot delete parks it with the reason; resumed, it goes on',
  async () => {
    const [eventId, impatient] = [await createEvent(), { SAGA_ATTEMPTS_MAX: '3', SAGA_RETRY_INITIAL_MS: '20' }];
    await processor?.process.close();
    await (await start(impatient)).whenReady();
    const team = await slipIn(eventId);
    // Else its arrival may be news to the removal, which says so in its history.
    await whenSettled();
    const unknown = eventOf({ subject: `team-${team}`, version: 2, type: 'teamRenamed_v9', time: new Date() });
    await db.collection('FestivalEvents').insertOne({ ...unknown, data: { name: 'The Foxes' } });
    await waitUntil('the held team', settleMs, async () => {
      return (await db.collection<{ _id: string }>('Held').findOne({ _id: `team-${team}` }))
        ? undefined
        : 'it is not held';
    });
    // #region parked
    await send('DELETE', `${url}/events/${eventId}`);
    const parked = await whenEnded(eventId, 'parked');
    expect(parked.reason).toContain(`team-${team} is held before version 2`);
    // The list is read from the documents, which follow the history.
    await waitUntil('the list of parked removals', settleMs, async () => {
      const listed = await sagasIn('parked');
      return listed.join() === eventId ? undefined : `it has [${listed}]`;
    });
    // Somebody corrects the event, and lets the removal go on.
    await db.collection('FestivalEvents').updateOne({ id: unknown.id }, { $set: { type: 'teamRenamed_v1' } });
    await send('POST', `${url}/sagas/${eventId}/resume`, { reason: 'the event was corrected' });
    const { timeline } = await whenEnded(eventId, 'completed');
    // #endregion
    expect(timeline.map(({ type }) => type.replace(/^teamEventRemoval|_v1$/g, ''))).toEqual([
      'Started',
      'Planned',
      'StepFailed',
      'StepFailed',
      'Parked',
      'Resumed',
      'TeamsDeleted',
      'Completed',
    ]);
    expect(timeline.at(-1)?.data.count).toBe(1);
    await whenSettled();
    expect((await eventOverHttp(eventId)).shown).toEqual([]);
  },
  testLimitMs,
);

test(
  'the whole topic again causes nothing: no command is issued a second time',
  async () => {
    await whenSettled();
    await processor?.process.close();
    const before = await everything();
    await group.rewind(topic, db);
    await (await start({})).whenReady();
    await whenSettled();
    expect(await everything()).toEqual(before);
  },
  testLimitMs,
);

const everything = () =>
  Promise.all(
    ['FestivalEvents', 'SagaEvents', 'events', 'teams', 'removals'].map((name) =>
      db.collection(name).find().sort({ _id: 1 }).toArray(),
    ),
  );

interface Saga extends AnswerBody {
  readonly state: string;
  readonly reason: string | null;
  readonly timeline: readonly { readonly type: string; readonly data: Readonly<Record<string, unknown>> }[];
}
const sagaOf = async (eventId: string) => (await get(`${url}/sagas/${eventId}`)).body as Saga;

async function sagasIn(state: string): Promise<string[]> {
  const { items } = (await get(`${url}/sagas?state=${state}`)).body as unknown as { items: { id: string }[] };
  return items.map(({ id }) => id);
}

async function whenEnded(eventId: string, state: string): Promise<Saga> {
  await waitUntil(`the removal of ${eventId} ${state}`, settleMs, async () => {
    const saga = await sagaOf(eventId);
    return saga.state === state ? undefined : `it is ${saga.state}`;
  });
  return sagaOf(eventId);
}

async function createEvent(): Promise<string> {
  return (await send('POST', `${url}/events`, { title: 'A cup' })).body.id;
}

/** All its pages. */
async function eventOverHttp(eventId: string): Promise<{ state: string; shown: string[] }> {
  const shown: string[] = [];
  for (let cursor = ''; ; ) {
    const { body } = await get(`${url}/events/${eventId}?limit=100${cursor}`);
    const { items, nextCursor } = body.teams as { items: { id: string }[]; nextCursor: string | null };
    shown.push(...items.map(({ id }) => id));
    if (nextCursor === null) return { state: String(body.state), shown };
    cursor = `&cursor=${nextCursor}`;
  }
}

/** Until nobody is left, every fact is in the read model and handled, and no removal is at work. */
async function whenSettled(): Promise<FestivalStory> {
  await waitUntil('the festival at rest', settleMs, async () => {
    const behind = await behindInReadModel();
    if (behind.length > 0) return `${behind.length} documents are behind, such as ${behind[0]}`;
    const { teams, deletedEvents } = await storyOf(db);
    const left = teams.filter(({ eventId, deletions }) => deletions.length === 0 && deletedEvents.has(eventId));
    if (left.length > 0) return `${left.length} teams are left, such as ${left[0]?.id} in ${left[0]?.eventId}`;
    const running = await sagasIn('running');
    return running.length > 0 ? `${running.length} removals are at work` : undefined;
  });
  await group.whenAtEnd(topic, settleMs);
  return storyOf(db);
}

async function behindInReadModel(): Promise<string[]> {
  const heads = await db
    .collection('FestivalEvents')
    .aggregate<{ _id: string; version: number }>([{ $group: { _id: '$subject', version: { $max: '$version' } } }])
    .toArray();
  const documents = await Promise.all(['events', 'teams'].map((name) => db.collection(name).find().toArray()));
  const versions = new Map(documents.flat().map(({ _id, version }) => [String(_id), version as number]));
  return heads.filter(({ _id, version }) => (versions.get(_id) ?? 0) < version).map(({ _id }) => _id);
}

test(
  'docs/scenarios/festival.md: its commands are answered as it shows',
  async () => {
    await (await start({})).whenReady();
    await runPage('docs/scenarios/festival.md', { replace: { 'http://127.0.0.1:20440': url } });
  },
  testLimitMs,
);

test('every collection of both processes carries the mark', async () => {
  expect(await unmarkedIn(db)).toEqual([]);
});
