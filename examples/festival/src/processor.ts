// The festival's other process: it folds the topic into the read model, and runs the removals.
import { systemClock } from '@foldline/shared/config';
import { createProjector, type HandleItems, readModel } from '@foldline/shared/engine';
import { followTopics, type StartService, startSaga } from '@foldline/shared/service';
import { type Festival, openFestival } from './parts.ts';
import { removalNews } from './removal-news.ts';

export const startProcessor: StartService = async (config, logger) => {
  const name = 'festival-processor';
  const description = 'Folds the festival’s facts, and removes the teams of deleted events.';
  const festival = await openFestival({ name, description, config, logger });
  const { service } = festival;
  const work = await startWork(festival);
  const feed = await followTopics(service, { name, topics: ['festival-events'], handle: work.handle });
  const app = await service.createApp(feed);
  return {
    app,
    async close() {
      await feed.close();
      await work.close();
      await service.client.close();
    },
  };
};

/** What is done with the facts, whichever feed brings them. */
export async function startWork({ service, events, teams, sagas }: Festival) {
  const { crashPoint, held, logger: log } = service;
  const models = [readModel(events.projection, events.documents), readModel(teams.projection, teams.documents)];
  const projector = createProjector({ models, held, clock: systemClock, log, crashPoint, owner: teams.store });
  const runner = await startSaga(service, sagas);
  const handle: HandleItems = async (items) => {
    await projector.apply(items);
    const facts = items.flatMap((item) => ('event' in item ? [item.event] : []));
    await runner.tell(await removalNews(teams.documents, sagas.store, facts));
  };
  return { handle, close: runner.close };
}
