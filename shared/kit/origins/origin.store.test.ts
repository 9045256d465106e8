// Goal: a model's origin does the same whether the events are in a store of the service or are asked for over HTTP, with or without a form
// that the owner shares. Method: the contract of origins, on real MongoDB; the owner is a declared service that runs and listens.
import { uniqueDatabaseName } from '../../testing/workspace/index.ts';
import { type OpenOrigin, originContract } from '../testing/origin-contract.ts';
import {
  type OpenedOrigins,
  openCopiedOrigins,
  openOwnOrigins,
  startThingsOwner,
  thingEventsIn,
  thingForm,
} from '../testing/things-services.ts';

jest.setTimeout(60_000);

function opened({ parts, models, origins }: OpenedOrigins, database: string, close: () => Promise<void>): OpenOrigin {
  const [ofTopic] = origins.all;
  if (!ofTopic) throw new Error('there is no origin');
  return {
    model: models.things,
    origin: origins.of(models.things),
    ofTopic: ofTopic.origin,
    models: ofTopic.models,
    events: thingEventsIn(parts, database),
    close,
  };
}

originContract('a store of the service', async () => {
  const database = uniqueDatabaseName('things');
  const own = await openOwnOrigins(database);
  return opened(own, database, own.close);
});

describe.each([
  ['event by event', undefined],
  ['by a form', thingForm],
])('compared %s', (_, form) => {
  originContract('another service', async () => {
    const [owned, copied] = [uniqueDatabaseName('things'), uniqueDatabaseName('copies')];
    const owner = await startThingsOwner(owned);
    const copies = await openCopiedOrigins(copied, { OWNER_URL: owner.server.url }, form);
    return opened(copies, owned, async () => {
      await owner.close();
      await copies.parts.client.db(owned).dropDatabase();
      await copies.close();
    });
  });
});
