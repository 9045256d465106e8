// Goal: no address can weaken what the promises rest on. Method: a URI that asks for less, and what the client then uses.
import { testMongodbUri } from '../../testing/workspace/index.ts';
import { connectToMongo } from './client.ts';

const settings = { appName: 'durability', serverSelectionTimeoutMs: 5000, socketTimeoutMs: 30_000, poolSizeMax: 5 };

test('majority, journalled and read from the primary, whatever the URI asks for', async () => {
  const weaker = 'w=1&journal=false&readConcernLevel=local&readPreference=secondary&retryWrites=false';
  const uri = testMongodbUri();
  const client = await connectToMongo({ ...settings, uri: `${uri}${uri.includes('?') ? '&' : '?'}${weaker}` });
  try {
    const { options } = client;
    expect(options.writeConcern).toMatchObject({ w: 'majority', journal: true });
    expect(options.readConcern?.level).toBe('majority');
    expect(options.readPreference?.mode).toBe('primary');
    expect(options.retryWrites).toBe(true);
  } finally {
    await client.close();
  }
});
