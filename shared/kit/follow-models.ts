// Read models of a service that only follows: folded from topics, and what is held mended from whoever has the events.
import type { FeedHandle } from '../engine/index.ts';
import type { Mender } from '../operations/index.ts';
import { type MendedModelsOptions, mendedModels } from './mended-models.ts';
import type { OpenService } from './open-service.ts';
import { followTopics, type TopicsOptions } from './topics.ts';

export interface ModelsOptions extends MendedModelsOptions, Pick<TopicsOptions, 'name' | 'group' | 'topics' | 'read'> {}

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
  const { apply, mender } = mendedModels(service, { models, owner });
  const feed = await followTopics(service, {
    ...from,
    handle: async (items) => mender.noticed((await apply(items)).held),
  });
  return {
    feed,
    mender,
    async close() {
      await feed.close();
      await mender.close();
    },
  };
}
