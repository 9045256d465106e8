// Goal: playing examples finds every way in which an example, an answer and the description can disagree.
// Method: one true example, then the same with one thing wrong each time; a route that answers what it does not describe.
import { z } from 'zod';
import type { ApiExample } from '../../http/index.ts';
import { createTestApp, sampleId } from '../../http/test-app.ts';
import { faultsOf, operationsOf, playExamples } from './play-examples.ts';

const body = { firstName: 'Ada', email: 'ada@example.org', id: sampleId };
const answer = { id: sampleId, firstName: 'Ada', createdAt: '2026-01-15T08:30:01.250Z' };
const created: ApiExample = { operation: 'POST /things', name: 'One', body, status: 201, answer };

async function faultsWith(...examples: readonly ApiExample[]): Promise<string[]> {
  const { app } = await createTestApp({ examples });
  const anything = { config: { policy: 'read' }, schema: { response: { 200: z.looseObject({}) } } } as const;
  app.get('/header', anything, async (_request, reply) => reply.header('Secret', '1').send({}));
  app.get('/undescribed', anything, async (_request, reply) => reply.code(206 as 200).send({}));
  const faults = faultsOf(await playExamples(app, examples));
  await app.close();
  return faults;
}

test('an example that is true has no fault, and its place in the description', async () => {
  expect(await faultsWith(created)).toEqual([]);
  const { app } = await createTestApp({ examples: [created] });
  await app.ready();
  const operation = (app.swagger() as unknown as { paths: Record<string, Record<string, object>> }).paths['/things']
    ?.post;
  expect(operation).toMatchObject({
    requestBody: { content: { 'application/json': { examples: { One: { value: body } } } } },
    responses: { 201: { content: { 'application/json': { examples: { One: { value: answer } } } } } },
  });
  expect(operationsOf(app)).toContain('DELETE /things/{id}');
  await app.close();
});

test.each<[string, ApiExample, string]>([
  ['another status', { ...created, status: 400, answer: undefined as never }, 'answered 201, not 400'],
  [
    'another value',
    { ...created, answer: { ...answer, firstName: 'Augusta' } },
    'the example shows "Augusta" at /firstName',
  ],
  [
    'a member too few',
    { ...created, answer: { id: sampleId, createdAt: answer.createdAt } },
    'the example itself does not',
  ],
  ['a member too many', { ...created, answer: { ...answer, added: 1 } }, 'the example itself does not fit'],
  ['no such time', { ...created, answer: { ...answer, createdAt: 'today' } }, 'the example itself does not fit'],
  [
    'another problem',
    { operation: 'POST /things', name: 'None', body: {}, status: 400, problem: 'id-taken' },
    'the problem is invalid-request, not id-taken',
  ],
  ['a header', { operation: 'GET /header', name: 'A header', status: 200 }, 'the header secret is not described'],
  ['a status', { operation: 'GET /undescribed', name: 'A status', status: 200 }, 'the status 206 is not described'],
])('%s is found', async (_name, example, fault) => {
  expect((await faultsWith(example)).join('\n')).toContain(`${example.operation}, ${example.name}: ${fault}`);
});

test('what the service makes itself is learnt, and asked for later', async () => {
  const { app } = await createTestApp();
  const shown = '018f0000-0000-7000-8000-0000000000ff';
  const [refused, read] = await playExamples(app, [
    { operation: 'POST /nothing', name: 'Refused', status: 404, answer: { requestId: shown } },
    { operation: 'GET /things/{id}', name: 'By it', path: { id: shown }, status: 200 },
  ]);
  const { requestId } = Object(refused?.body) as { requestId?: string };
  expect(requestId).not.toBe(shown);
  expect(read?.body).toMatchObject({ id: requestId });
  await app.close();
});

test.each<[Partial<ApiExample>, string]>([
  [{ operation: 'GET /nothing' }, 'the document has no such operation'],
  [{ status: 418 }, 'the document has no answer 418'],
  [{ query: { colour: 'red' } }, 'the document has no query colour'],
  [{ operation: 'GET /things/{id}', status: 200 }, 'has a body where the document has none'],
])('an example that the description has no place for is a fault at start: %j', async (parts, sentence) => {
  await expect(faultsWith({ ...created, ...parts })).rejects.toThrow(sentence);
});
