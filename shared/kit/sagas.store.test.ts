// Goal: the documents of a saga are a cache of its streams: lost or behind, by a crash or by hand, they come back, and what they
// forgot is carried out. Method: streams are written without their documents, as a process leaves them that is killed in between.
import { z } from 'zod';
import { systemIds } from '../config/index.ts';
import { decoderOf, defineContracts, sagaContracts } from '../contracts/index.ts';
import { type DomainEvent, readSubject, type Saga, sagaProjection } from '../engine/index.ts';
import { eventOf } from '../testing/index.ts';
import { type DeclaredSaga, defineService } from './definition.ts';
import { type OpenSaga, openSagas, startSaga } from './sagas.ts';
import { openTestParts, testDeclaration } from './testing/test-service.ts';

const saga: Saga<object, DomainEvent> = {
  name: 'greet-when-asked',
  kind: 'greeting',
  stem: 'greeting',
  source: '/test',
  foldVersion: 1,
  initialData: {},
  decode: decoderOf(
    defineContracts({
      ...sagaContracts('greeting'),
      greetingAsked_v1: { schema: z.object({}) },
      greetingSaid_v1: { schema: z.object({}) },
    }),
  ) as Saga<object, DomainEvent>['decode'],
  evolve: (_, { type }) => ({ state: type === 'greetingSaid_v1' ? 'completed' : 'running', data: {} }),
  next: ({ state }) => (state === 'running' ? { name: 'say it' } : undefined),
  react: async () => [{ type: 'greetingSaid_v1', data: {} }],
  causation: () => ({ correlationid: 'c' }),
};

/** An event of the same subject, wherever it happened, asks for a greeting. */
const delivers: DeclaredSaga['delivers'] =
  ({ deliver }) =>
  (events) =>
    deliver(
      events.map(({ id: causationid, subject }) => ({
        subject,
        causation: { correlationid: 'c', causationid },
        decide: () => [{ type: 'greetingAsked_v1', data: {} }],
      })),
    );

const sagas = { greetings: { store: 'own', open: () => ({ saga, delivers }) } };
const definition = defineService({
  ...testDeclaration,
  stores: { own: { collection: 'SagaEvents', kinds: [] } },
  models: {},
  sagas,
});

let service: Awaited<ReturnType<typeof openTestParts>>;
let own: OpenSaga;
beforeEach(async () => {
  service = await openTestParts(definition, { FEED_CHECKPOINT_EVERY_MS: '50' });
  [own] = openSagas(service, { sagas }, undefined) as [OpenSaga];
});
afterEach(() => service.close());

const newSubject = () => `greeting-${systemIds.next()}`;
const add = ({ store }: OpenSaga, subject: string, type: string, version: number) =>
  store.append([eventOf({ subject, type, version, data: type === 'greetingResumed_v1' ? { reason: 'again' } : {} })]);

async function whenCompleted({ documents }: OpenSaga, subject: string, version: number): Promise<void> {
  const untilMs = performance.now() + 10_000;
  for (;;) {
    const found = (await documents.read([subject])).get(subject);
    if (found?.state === 'completed' && found.version === version) return;
    if (performance.now() > untilMs) throw new Error(`it is ${JSON.stringify(found)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('killed before its document was written, or its documents deleted: it is found at the next start', async () => {
  const [begun, ended] = [newSubject(), newSubject()];
  await add(own, begun, 'greetingAsked_v1', 1);
  await add(own, ended, 'greetingAsked_v1', 1);
  await add(own, ended, 'greetingSaid_v1', 2);
  const runner = await startSaga(service, own);
  await whenCompleted(own, begun, 2);
  await whenCompleted(own, ended, 2);
  await runner.close();
  expect((await own.store.read(ended)).map(({ type }) => type)).toEqual(['greetingAsked_v1', 'greetingSaid_v1']);
});

test('another process resumed it and was killed before it wrote the document: it goes on without a start', async () => {
  const subject = newSubject();
  const runner = await startSaga(service, own);
  await runner.receive([eventOf({ subject })]);
  await whenCompleted(own, subject, 2);
  await add(own, subject, 'greetingResumed_v1', 3);
  await whenCompleted(own, subject, 4);
  const { document } = await readSubject({ ...own, projection: sagaProjection(saga) }, subject);
  await runner.close();
  expect((await own.documents.read([subject])).get(subject)).toEqual(document);
});
