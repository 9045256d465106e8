// Goal: a team that was held is mended from its facts, and what they say to the removals is not lost by it. Method: the example's
// own parts on a real MongoDB; the facts are delivered by hand, and one of them cannot be read until it is corrected.
import { randomUUID } from 'node:crypto';
import { readSettings, serviceSettings } from 'foldline';
import type { StoredEvent } from 'foldline/engine';
import { createLogger } from 'foldline/fastify';
import { eventOf } from 'foldline/testing';
import { testMongodbUri, uniqueDatabaseName } from 'foldline/testing/workspace';
import { type Festival, openFestival } from './parts.ts';
import { startWork } from './processor.ts';

let festival: Festival;
let work: Awaited<ReturnType<typeof startWork>>;

beforeAll(async () => {
  const config = readSettings(serviceSettings, { MONGODB_URI: testMongodbUri(), LOG_LEVEL: 'silent' });
  const logger = createLogger({ name: 'festival', level: config.LOG_LEVEL });
  const options = { name: 'festival', description: 'A test.', config, logger };
  festival = await openFestival(options, uniqueDatabaseName('festival'));
  work = await startWork(festival);
});
afterAll(async () => {
  await work.close();
  await festival.service.db.dropDatabase();
  await festival.service.client.close();
});

async function happened(facts: readonly StoredEvent[]): Promise<void> {
  for (const fact of facts) await festival.teams.store.append([fact]);
  await work.handle(facts.map((event) => ({ source: 'facts', position: event.id, event })));
}

test('a team that was held before it moved into a removed event: released, its removal hears of it', async () => {
  const [removed, elsewhere] = [randomUUID(), randomUUID()];
  const [event, team] = [`team-event-${removed}`, `team-${randomUUID()}`];
  const lastOf = async (subject: string) => (await festival.teams.store.read(subject)).at(-1)?.type;
  await happened([
    eventOf({ subject: event, type: 'teamEventCreated_v1', data: { title: 'Summer cup' } }),
    eventOf({ subject: event, version: 2, type: 'teamEventDeleted_v1' }),
  ]);
  const move = eventOf({ subject: team, version: 2, type: 'teamMoved_v9', data: { teamEventId: removed } });
  await happened([
    eventOf({ subject: team, type: 'teamCreated_v1', data: { name: 'The Foxes', teamEventId: elsewhere } }),
    move,
  ]);
  expect((await festival.service.held.among([team])).get(team)).toMatchObject({ reason: 'unknown-version' });

  await festival.service.db.collection('FestivalEvents').updateOne({ id: move.id }, { $set: { type: 'teamMoved_v1' } });
  expect(await work.mender.retry(team)).toMatchObject({ outcome: 'released' });
  while ((await lastOf(team)) !== 'teamDeleted_v1') await new Promise((resolve) => setTimeout(resolve, 10));
});
