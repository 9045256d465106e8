// A world of imports whose users a running user-service shows, for tests that look by its routes or write through them meanwhile.
import { type StartedUserService, startTestUserService } from '../../src/testing/started-user-service.ts';
import { type ImportWorld, openImportWorld } from './verb-runs.ts';

export interface ServedWorld extends ImportWorld {
  readonly service: StartedUserService;
}

export async function openServedWorld(): Promise<ServedWorld> {
  const world = await openImportWorld();
  const service = await startTestUserService({ USERS_DATABASE: world.env.USERS_DATABASE ?? '' });
  return {
    ...world,
    service,
    async close() {
      await service.close();
      await world.close();
    },
  };
}
