// Goal: a stranger's tool gets the contracts without a token, and a clear answer for a name that is none.
// Method: an app with tokens and two small contracts.
import { addContractRoutes } from './contract-routes.ts';
import { createTestApp } from './test-app.ts';

test('documents are for anyone, whole, and what is none is not found', async () => {
  const { app } = await createTestApp({ tokens: `shop=${'s'.repeat(32)}` });
  const schema = (title: string) => ({ $schema: 'http://json-schema.org/draft-07/schema#', title, type: 'object' });
  const schemas = { thingNamed_v2: schema('thingNamed_v2'), thingNamed_v1: schema('thingNamed_v1') };
  const asyncApi = { asyncapi: '3.0.0', info: { title: 'Things', version: '1.0.0' } };
  addContractRoutes(app, { asyncApi, schemas });
  const get = async (url: string) => {
    const answer = await app.inject(url);
    return [answer.statusCode, answer.json()];
  };
  expect(await get('/asyncapi.json')).toEqual([200, asyncApi]);
  expect(await get('/schemas')).toEqual([200, { types: ['thingNamed_v1', 'thingNamed_v2'] }]);
  expect(await get('/schemas/thingNamed_v2')).toEqual([200, schemas.thingNamed_v2]);
  for (const name of ['thingNamed_v3', 'constructor', '__proto__'])
    expect(await get(`/schemas/${name}`)).toEqual([404, expect.objectContaining({ code: 'not-found' })]);
  await app.close();
});
