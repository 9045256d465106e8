// The festival's other process: it folds the topic into the read model, and runs the removals.
import { followTopics, type HandleItems, type StartService, startMender, startSaga, systemClock } from 'foldline';
import { createProjector, readModel } from 'foldline/engine';
import { type Festival, openFestival } from './parts.ts';
import { removalNews } from './removal-news.ts';

export const startProcessor: StartService = async (config, logger) => {
  const [name, description] = ['festival-processor', 'Folds the facts, and removes the teams of deleted events.'];
  const festival = await openFestival({ name, description, config, logger });
  const { service } = festival;
  const work = await startWork(festival);
  const feed = await followTopics(service, { name, topics: ['festival-events'], handle: work.handle });
  const app = await service.createApp({ feed, sagas: [work.removals], mender: work.mender });
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
  const removals = await startSaga(service, {
    ...sagas,
    tells: (runner) => async (facts) => runner.tell(await removalNews(teams.documents, sagas.store, facts)),
  });
  const projector = createProjector({
    models,
    held,
    clock: systemClock,
    log,
    crashPoint,
    owner: teams.store,
    afterWriting: (items) => removals.hear(items.flatMap((item) => ('event' in item ? [item.event] : []))),
  });
  const mender = startMender(service, [{ models, owner: teams.store, apply: projector.apply }, removals]);
  const handle: HandleItems = async (items) => mender.noticed((await projector.apply(items)).held);
  return { removals, mender, handle, close: () => mender.close().then(removals.close) };
}
