// A connector with a mistake in its pipeline: the deployed one of that name, changed at the worker so that it leaves one event out, as
// an earlier release or another tool may have done. The command line of Foldline refuses such a file.
import { type Config, connectRest, defaultLimits, readHealth } from '@foldline/connect/src';
import { waitUntil } from './positions.ts';
import type { TestSystem } from './test-system.ts';

/** Returns when the connector runs with a pipeline that drops the event of this id. */
export async function dropEvent(system: TestSystem, connector: string, eventId: string): Promise<void> {
  await deploy(system, connector, (pipeline) => [...pipeline, { $match: { 'fullDocument.id': { $ne: eventId } } }]);
}

/** Takes off again what `dropEvent` added. */
export async function dropNothing(system: TestSystem, connector: string): Promise<void> {
  await deploy(system, connector, (pipeline) => pipeline.filter((stage) => !JSON.stringify(stage).includes('"$ne"')));
}

type Pipeline = readonly object[];

async function deploy({ ready }: TestSystem, name: string, change: (pipeline: Pipeline) => Pipeline): Promise<void> {
  const rest = connectRest({ url: ready.connect as string, limits: defaultLimits });
  const config: Config = (await rest.config(name)) ?? {};
  const pipeline = JSON.stringify(change(JSON.parse(config.pipeline ?? '[]') as Pipeline));
  await rest.putConfig(name, { ...config, pipeline });
  await waitUntil(`${name} running with its new pipeline`, 60_000, async () => {
    const [[task], [health]] = await Promise.all([rest.taskConfigs(name), readHealth(rest, [name])]);
    if (task?.pipeline !== pipeline) return 'its task has another pipeline';
    return health?.running ? undefined : (health?.reason ?? 'it is unknown');
  });
}
