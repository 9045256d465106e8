// Goal: what a service on the kit holds is released from the store that has its events, by itself where something was lost on its
// way. Method: a feed by hand on a real MongoDB that loses an event, as a topic may; an operator's retry over HTTP.
import { randomUUID } from 'node:crypto';
import { documentsForm, mongoDocuments } from '../adapters/mongodb/index.ts';
import {
  createProjector,
  type EventStore,
  type FeedItem,
  readModel,
  type StoredDocument,
  type StoredEvent,
} from '../engine/index.ts';
import { createHttpApp, edgeOf } from '../http/index.ts';
import { addHeldRoutes, type Retrier } from '../operations/index.ts';
import { type Call, callerOf, eventsOf } from '../testing/index.ts';
import { thingProjection } from '../testing/workspace/thing.ts';
import { startRetrier } from './retrier.ts';
import { openTestParts, testDeclaration } from './testing/test-service.ts';

const declaration = {
  ...testDeclaration,
  stores: { own: { collection: 'ThingEvents', kinds: [] } },
  models: {},
  collections: [documentsForm('Things')],
};

let service: Awaited<ReturnType<typeof openTestParts>>;
let store: EventStore;
let retrier: Retrier;
let call: Call;
let feed: (events: readonly StoredEvent[]) => Promise<void>;
/** Whoever else has to hear of events, and may be killed meanwhile. */
let heard: (items: readonly FeedItem[]) => Promise<void> = async () => {};

beforeEach(async () => {
  service = await openTestParts(declaration);
  const { config, db, held, clock, metrics, logger } = service;
  store = service.stores.own?.store as EventStore;
  const models = [readModel(thingProjection, mongoDocuments(db.collection<StoredDocument>('Things')))];
  const { apply } = createProjector({ models, held, clock, log: logger, afterWriting: (items) => heard(items) });
  retrier = startRetrier(service, [{ models, owner: store, apply }]);
  const readiness = async () => ({ ready: true, checks: [] });
  const edge = { ...edgeOf(config), title: 'things', version: '0.1.0', description: 'A test.' };
  const app = await createHttpApp({ ...edge, logger, metrics, readiness });
  addHeldRoutes(app, retrier);
  call = callerOf(app);
  feed = async (events) => {
    const items = events.map((event) => ({ source: 'things', position: `things/0@${event.version}`, event }));
    retrier.noticed((await apply(items)).held);
  };
});
afterEach(async () => {
  await retrier.close();
  await service.close();
});

const named = (name: string) => ({ type: 'thingNamed_v2', data: { name } });
const versionOf = async (subject: string) =>
  (await service.db.collection<{ _id: string; version: number }>('Things').findOne({ _id: subject }))?.version;
const isHeld = async (subject: string) => (await service.held.among([subject])).has(subject);

async function until(done: () => Promise<boolean>): Promise<void> {
  while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 10));
}

test('an event that was lost on its way to a read model is taken from the store, and its subject goes on', async () => {
  const subject = `thing-${randomUUID()}`;
  const events = eventsOf(subject, ['a', 'b', 'c'].map(named));
  for (const event of events) await store.append([event]);
  await feed([events[0], events[2]] as StoredEvent[]);
  await until(async () => !(await isHeld(subject)));
  expect(await versionOf(subject)).toBe(3);
});

test('what cannot be read waits for a person, is shown, and goes on when it was corrected and retried', async () => {
  const subject = `thing-${randomUUID()}`;
  const events = eventsOf(subject, [named('a'), { ...named('b'), type: 'thingNamed_v3' }, named('c')]);
  for (const event of events) await store.append([event]);
  await feed(events);
  expect((await call('GET /admin/held')).body.items).toMatchObject([{ key: subject, reason: 'unknown-version' }]);
  await service.db.collection('ThingEvents').updateOne({ subject, version: 2 }, { $set: { type: 'thingNamed_v2' } });
  const retried = await call(`POST /admin/held/${subject}/retry`);
  expect(retried).toMatchObject({ status: 200, body: { outcome: 'released' } });
  expect([await versionOf(subject), await isHeld(subject)]).toEqual([3, false]);
});

test('killed between the document and whoever else must hear of it: still held, and told at the next try', async () => {
  const told: number[] = [];
  let dies = true;
  heard = async (items) => {
    // The feed brings 1 and 3; only a retrier brings 2.
    const versions = items.flatMap((item) => ('event' in item ? [item.event.version] : []));
    if (!versions.includes(2)) return;
    if (dies) await until(async () => (await versionOf(subject)) === 3);
    if (dies) dies = false;
    else return void told.push(...versions);
    throw new Error('the process was killed');
  };
  const subject = `thing-${randomUUID()}`;
  const events = eventsOf(subject, ['a', 'b', 'c'].map(named));
  for (const event of events) await store.append([event]);
  await feed([events[0], events[2]] as StoredEvent[]);
  await until(async () => !(await isHeld(subject)));
  expect(told).toEqual([2, 3]);
});
