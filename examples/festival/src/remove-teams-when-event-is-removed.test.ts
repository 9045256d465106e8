// Goal: a removal deletes the teams that are in its event, each once, whoever comes, goes or is told twice meanwhile, and counts
// only its own. Method: the example's own saga and folds on stores in memory; what has to happen between two steps happens
// inside a port: after it looked and before it answers, or before it deletes.

import { execute, orderSaga, readSubjects, type StoredEvent, subjectOf } from 'foldline/engine';
import { createSagaRunner } from 'foldline/running';
import {
  eventOf,
  inMemoryDocuments,
  inMemoryEventStore,
  inMemorySagaInstances,
  testClock,
  testIds,
} from 'foldline/testing';
import { removalDeliveries } from './removal-deliveries.ts';
import { removeTeamsWhenEventIsRemoved } from './remove-teams-when-event-is-removed.ts';
import { type TeamCommand, teamDecider, teamProjection, whereIs } from './team.ts';

const [removed, other] = [testIds(1).next(), testIds(2).next()];
const removal = subjectOf('team-event-removal', removed);
const causation = { correlationid: 'somebody' };
const chunkMax = 2;
const attemptsMax = 2;
const limits = {
  instancesAtOnceMax: 4,
  deliveredAtOnceMax: 8,
  stepsAtOnceMax: 20,
  attemptsMax,
  lookEveryMs: 2,
  retry: { initialMs: 10, maxMs: 10 },
};
const deletion = eventOf({ subject: subjectOf('team-event', removed), version: 2, type: 'teamEventDeleted_v1' });

function openWorld() {
  const [clock, ids] = [testClock(), testIds(3)];
  const teams = { projection: teamProjection, store: inMemoryEventStore(), documents: inMemoryDocuments(), clock, ids };
  const removals = { store: inMemoryEventStore(), documents: inMemorySagaInstances(), clock, ids };
  const known: string[] = [];
  const facts: StoredEvent[] = [];
  const between = {
    looked: async (_found: readonly string[]) => {},
    deleting: async (_id: string) => {},
    deleted: async (_id: string) => {},
  };

  const saga = removeTeamsWhenEventIsRemoved({
    async teamsIn(teamEventId, after) {
      const shown = await teams.documents.read(known.map((id) => subjectOf('team', id)));
      const now = await readSubjects(teams, [...shown.keys()]);
      const found = known.filter((id) => {
        const there = [shown.get(subjectOf('team', id)), now.get(subjectOf('team', id))?.document];
        return there.every((document) => whereIs(document) === teamEventId) && (after === null || id > after);
      });
      const chunk = found.sort().slice(0, chunkMax);
      await between.looked(chunk);
      return chunk;
    },
    async deleteTeam(id, teamEventId, request, said) {
      await between.deleting(id);
      const { changed } = await command(id, { kind: 'delete with its event', teamEventId }, said, request);
      await between.deleted(id);
      return changed;
    },
  });
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const start = () => createSagaRunner({ ...removals, saga, instances: removals.documents, log, limits });
  const runner = start();

  function command(
    id: string,
    what: TeamCommand,
    said = causation,
    request?: Parameters<typeof execute>[2]['request'],
  ) {
    return execute(teams, teamDecider, { subject: subjectOf('team', id), command: what, causation: said, request });
  }
  const tell = async (batch: readonly StoredEvent[]) =>
    runner.deliver(await removalDeliveries(teams.documents, removals.store, batch));
  const story = () => removals.store.read(removal);

  return {
    teams,
    between,
    start,
    tell,
    story,
    facts,
    /** Somebody's command, and its news in the read model; `tell` is told of it when it is `heard`. */
    async team(what: TeamCommand, id = ids.next(), heard = true): Promise<string> {
      const { document } = await command(id, what);
      if (!known.includes(id)) known.push(id);
      await teams.documents.write([{ put: document }]);
      const [fact] = await teams.store.read(subjectOf('team', id), { afterVersion: document.version - 1 });
      facts.push(fact as StoredEvent);
      if (heard) await tell([fact as StoredEvent]);
      return id;
    },
    order: (kind: 'resume' | 'abandon') =>
      orderSaga(saga, removals, { subject: removal, order: { kind, reason: 'seen to' }, causation }),
    /** Waits until its story ends so, then gives it in short. */
    async until(type: string, times = 1): Promise<string[]> {
      const untilMs = performance.now() + 4000;
      for (;;) {
        const types = (await story()).map((event) => event.type.replace(/^teamEventRemoval|_v1$/g, ''));
        if (types.at(-1) === type && types.filter((one) => one === type).length === times) return types;
        if (performance.now() > untilMs) throw new Error(`no ${type} after ${types.join(', ')}`);
        clock.advance(10);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    },
    count: async () => (await story()).at(-1)?.data.count,
    async isDeleted(id: string): Promise<boolean> {
      return (await teams.store.read(subjectOf('team', id))).at(-1)?.type === 'teamDeleted_v1';
    },
    close: () => runner.close(),
  };
}

let world: ReturnType<typeof openWorld>;
beforeEach(() => {
  world = openWorld();
});
afterEach(() => world.close());

const create = (teamEventId = removed) => ({ kind: 'create', name: 'The Foxes', teamEventId }) as const;
const moveTo = (teamEventId: string) => ({ kind: 'change', teamEventId }) as const;
const createdTeams = (count: number) => Promise.all(Array.from({ length: count }, () => world.team(create())));
/** Only the first time that it is called. */
const once = <Given>(act: (given: Given) => Promise<unknown>) => {
  let done = false;
  return async (given: Given) => {
    if (done) return;
    done = true;
    await act(given);
  };
};

test('what it orders carries the conversation and the trace of the deletion that it began with', async () => {
  const [doomed = ''] = await createdTeams(1);
  const traced = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', tracestate: 'a=b' };
  await world.tell([{ ...deletion, ...traced }]);
  await world.until('Completed');
  const [, deleted] = await world.teams.store.read(subjectOf('team', doomed));
  expect(deleted).toMatchObject({ type: 'teamDeleted_v1', correlationid: deletion.id, ...traced });
  for (const event of await world.story()) expect(event).toMatchObject(traced);
});

test('its teams are deleted in chunks, each once, and no other; it ends with their number', async () => {
  const doomed = await createdTeams(5);
  const stays = await world.team(create(other));
  await world.tell([deletion, deletion]);
  const types = await world.until('Completed');
  expect(types).toEqual([
    'Started',
    ...Array.from({ length: 3 }, () => ['Planned', 'TeamsDeleted']).flat(),
    'Completed',
  ]);
  expect(await world.count()).toBe(5);
  expect(await Promise.all(doomed.map(world.isDeleted))).toEqual(doomed.map(() => true));
  expect(await world.isDeleted(stays)).toBe(false);
});

test('a team that arrives after the last look and before the end is looked for: the end is forgotten', async () => {
  let late = '';
  world.between.looked = once(async (found) => {
    expect(found).toEqual([]);
    late = await world.team(create());
  });
  await world.tell([deletion]);
  expect(await world.until('Completed')).toEqual(['Started', 'Resumed', 'Planned', 'TeamsDeleted', 'Completed']);
  expect(await world.isDeleted(late)).toBe(true);
});

test('a team that turns up after the end opens it again, and the number is that of all', async () => {
  await createdTeams(1);
  await world.tell([deletion]);
  await world.until('Completed');
  const moved = await world.team(create(other));
  await world.team(moveTo(removed), moved);
  const types = await world.until('Completed', 2);
  expect(types.slice(-4)).toEqual(['Resumed', 'Planned', 'TeamsDeleted', 'Completed']);
  expect(await world.count()).toBe(2);
  expect(await world.isDeleted(moved)).toBe(true);
});

test('a team that comes in behind the pass is found by the next one', async () => {
  const early = testIds(0).next();
  await createdTeams(3);
  world.between.deleting = once(() => world.team(create(), early, false));
  await world.tell([deletion]);
  await world.until('Completed');
  expect(await world.isDeleted(early)).toBe(true);
  expect(await world.count()).toBe(4);
});

test('a team that moved away, or that its owner deleted, between the plan and the step is not counted', async () => {
  const [moved, gone] = await createdTeams(2);
  world.between.deleting = async (id) => {
    await world.team(id === moved ? moveTo(other) : { kind: 'delete' }, id);
  };
  await world.tell([deletion]);
  await world.until('Completed');
  expect(await world.count()).toBe(0);
  expect(await world.isDeleted(moved as string)).toBe(false);
  const last = (await world.teams.store.read(subjectOf('team', gone as string))).at(-1);
  expect(last?.correlationid).toBe(causation.correlationid);
});

test('a step that was carried out and is not remembered is carried out again, and counts what it had deleted', async () => {
  await createdTeams(3);
  world.between.deleted = once(() => Promise.reject(new Error('the answer was lost')));
  await world.tell([deletion]);
  expect((await world.until('Completed')).slice(0, 4)).toEqual(['Started', 'Planned', 'StepFailed', 'TeamsDeleted']);
  expect(await world.count()).toBe(3);
});

test('two processes at once delete each team once, and count it once', async () => {
  const second = world.start();
  await createdTeams(7);
  await world.tell([deletion]);
  await world.until('Completed');
  await second.close();
  expect(await world.count()).toBe(7);
});

test('parked, it leaves who arrives where it is until an operator resumes it', async () => {
  await createdTeams(1);
  world.between.deleting = async () => {
    throw new Error('the store of teams is away');
  };
  await world.tell([deletion]);
  expect(await world.until('Parked')).toEqual(['Started', 'Planned', 'StepFailed', 'Parked']);
  const arrived = await world.team(create());
  await world.until('Parked');
  world.between.deleting = async () => {};
  await world.order('resume');
  await world.until('Completed');
  expect(await world.isDeleted(arrived)).toBe(true);
  expect(await world.count()).toBe(2);
});

test('abandoned, it is not opened by who arrives', async () => {
  await createdTeams(1);
  world.between.deleting = () => world.order('abandon').then(() => undefined);
  await world.tell([deletion]);
  await world.until('Abandoned');
  await world.team(create());
  expect(await world.until('Abandoned')).toEqual(['Started', 'Planned', 'Abandoned']);
});

test('told everything again, it stores nothing more', async () => {
  await createdTeams(3);
  await world.tell([deletion]);
  await world.until('Completed');
  const before = await world.story();
  const now = await readSubjects(world.teams, [...new Set(world.facts.map(({ subject }) => subject))]);
  await world.teams.documents.write([...now.values()].flatMap(({ document }) => (document ? [{ put: document }] : [])));
  await world.tell([...world.facts, deletion]);
  expect(await world.story()).toEqual(before);
});

test('a batch tells a removal once, of teams that are in its event still, and none that has not begun', async () => {
  await createdTeams(3);
  const left = await world.team(create());
  await world.team(moveTo(other), left);
  const news = (facts: readonly StoredEvent[], begun: boolean) =>
    removalDeliveries(
      world.teams.documents,
      { heads: async (subjects) => new Map(begun ? subjects.map((one) => [one, 1]) : []) },
      facts,
    );
  const told = await news(world.facts, true);
  expect(told.map(({ subject }) => subject)).toEqual([removal, subjectOf('team-event-removal', other)]);
  expect(await news(world.facts, false)).toEqual([]);
  // With the deletion in the same batch there is nothing to add: the removal looks after it began.
  expect(await news([...world.facts, deletion], false)).toHaveLength(1);
});
