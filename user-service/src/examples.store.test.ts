// Goal: every example in the API description is what the service really answers, and the description allows it; every operation
// has one. Method: the examples are played in order, as the story that they are, against a real service.
import { faultsOf, operationsOf, playExamples } from 'foldline/testing/workspace';
import { apiExamples } from './examples.ts';
import { type StartedUserService, startTestUserService } from './testing/started-user-service.ts';
import { insertAsStranger } from './testing/strangers-events.ts';

let service: StartedUserService;
beforeAll(async () => {
  service = await startTestUserService();
  // What an operator is shown: an event that cannot be read, and a record of a topic that is none.
  await insertAsStranger(service.events, '0190f3c2-0000-7000-8000-0000000000ee', { type: 'userCreated_v9', data: {} });
  const place = { projection: '', reason: 'unreadable', detail: 'no JSON object', appliedVersion: 0, seenVersion: 0 };
  const held = service.db.collection<{ _id: string }>('Held');
  await held.insertOne({ _id: 'user-events/0@17', ...place, since: new Date(), attempts: 1 } as { _id: string });
});
afterAll(() => service.close());

test('every example is what the service answers', async () => {
  expect(faultsOf(await playExamples(service.app(), apiExamples))).toEqual([]);
});

test('every operation has an example', () => {
  const shown = new Set(apiExamples.map(({ operation }) => operation));
  expect(operationsOf(service.app()).filter((operation) => !shown.has(operation))).toEqual([]);
});
