// Goal: a team that was held is repaired from its facts, and what they say to the removals is not lost by it. Method: the example's
// own processor on a real MongoDB, which follows the store; one of the facts cannot be read until it is corrected.

import { randomUUID } from 'node:crypto';
import { type RunningService, readServiceConfig, startService } from 'foldline';
import type { StoredEvent } from 'foldline/engine';
import { createLogger } from 'foldline/fastify';
import { type Call, callerOf, eventOf } from 'foldline/testing';
import { testMongodbUri, uniqueDatabaseName } from 'foldline/testing/workspace';
import { type Db, MongoClient } from 'mongodb';
import { festivalProcessor, festivalService } from './service.ts';

const databaseName = uniqueDatabaseName('festival');
const env = { MONGODB_URI: testMongodbUri(), FESTIVAL_DATABASE: databaseName, LOG_LEVEL: 'silent' };
const logger = createLogger({ name: 'festival', level: 'silent' });
const client = new MongoClient(env.MONGODB_URI);
const db: Db = client.db(databaseName);
let processor: RunningService;
let service: RunningService;
let call: Call;
let callService: Call;

beforeAll(async () => {
  processor = await startService(festivalProcessor, readServiceConfig(festivalProcessor, env), logger);
  call = callerOf(processor.app);
  service = await startService(festivalService, readServiceConfig(festivalService, env), logger);
  callService = callerOf(service.app);
});
afterAll(async () => {
  for (const one of [service, processor]) {
    await one?.app.close();
    await one?.close();
  }
  await db.dropDatabase();
  await client.close();
});

async function happened(facts: readonly StoredEvent[]): Promise<void> {
  for (const fact of facts) await db.collection('FestivalEvents').insertOne({ ...fact });
}

async function until(done: () => Promise<boolean>): Promise<void> {
  while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 10));
}

test('a team that was held before it moved into a removed event: released, its removal hears of it', async () => {
  const [removed, elsewhere] = [randomUUID(), randomUUID()];
  const [event, team] = [`team-event-${removed}`, `team-${randomUUID()}`];
  const lastOf = async (subject: string) =>
    (await db.collection('FestivalEvents').find({ subject }).sort({ version: -1 }).limit(1).next())?.type;
  await happened([
    eventOf({ subject: event, type: 'teamEventCreated_v1', data: { title: 'Summer cup' } }),
    eventOf({ subject: event, version: 2, type: 'teamEventDeleted_v1' }),
  ]);
  const move = eventOf({ subject: team, version: 2, type: 'teamMoved_v9', data: { teamEventId: removed } });
  await happened([
    eventOf({ subject: team, type: 'teamCreated_v1', data: { name: 'The Foxes', teamEventId: elsewhere } }),
    move,
  ]);
  const heldTeam = () => db.collection<{ _id: string }>('Held').findOne({ _id: team });
  await until(async () => (await heldTeam()) !== null);
  expect(await heldTeam()).toMatchObject({ reason: 'unknown-version' });

  await db.collection('FestivalEvents').updateOne({ id: move.id }, { $set: { type: 'teamMoved_v1' } });
  expect(await call(`POST /admin/held/${team}/retry`)).toMatchObject({ status: 200, body: { outcome: 'released' } });
  await until(async () => (await lastOf(team)) === 'teamDeleted_v1');
});

test('the processor offers what is done with events; the service beside it reads, and leaves that to the processor', async () => {
  const paths = ['/admin/held', '/admin/projections', '/admin/models', '/admin/verifications'];
  const offered = async (asked: Call) => Promise.all(paths.map(async (path) => (await asked(`GET ${path}`)).status));
  expect(await offered(callService)).toEqual([404, 404, 404, 404]);
  expect(await offered(call)).toEqual([200, 200, 200, 200]);
  expect(await callService('GET /sagas?state=completed')).toMatchObject({ status: 200 });
  const namesOf = async (asked: Call) => {
    const { checks } = (await asked('GET /readyz?verbose')).body as unknown as { checks: { name: string }[] };
    return checks.map(({ name }) => name);
  };
  expect(await namesOf(callService)).toEqual(['festival-events', 'pause', 'held-subjects']);
  expect(await namesOf(call)).toEqual(
    expect.arrayContaining(['festival-events', 'feed', 'saga-remove-teams-when-event-is-removed', 'held-subjects']),
  );
});
