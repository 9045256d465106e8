// Read models of a service that only follows: folded from topics, and what is held mended from whoever has the events.
import { systemClock } from '../config/index.ts';
import { createProjector, type FeedHandle, type Mender, type Owner, type ReadModel } from '../engine/index.ts';
import { startMender } from './mender.ts';
import type { OpenService } from './open-service.ts';
import { followTopics, type TopicsOptions } from './topics.ts';

export interface ModelsOptions extends Pick<TopicsOptions, 'name' | 'group' | 'topics'> {
  /** In order of dependence: a model may name subjects of the models before it. */
  readonly models: readonly ReadModel[];
  readonly owner: Owner;
}

export interface FollowedModels {
  readonly feed: FeedHandle;
  readonly mender: Mender;
  close(): Promise<void>;
}

/** Whoever waits for a version in this service is told. @throws Error when KAFKA_BROKERS is not set */
export async function followModels(
  service: OpenService,
  { models, owner, ...from }: ModelsOptions,
): Promise<FollowedModels> {
  const { held, waiters, logger: log, crashPoint } = service;
  const projector = createProjector({ models, held, clock: systemClock, log, crashPoint });
  const mender = startMender(service, [{ models, owner, apply: projector.apply }]);
  const feed = await followTopics(service, {
    ...from,
    async handle(items) {
      const outcome = await projector.apply(items);
      waiters.reached(outcome.versions);
      mender.noticed(outcome.held);
    },
  });
  return {
    ...{ feed, mender },
    async close() {
      await feed.close();
      await mender.close();
    },
  };
}
