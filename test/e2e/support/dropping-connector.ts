// A connector with a mistake in its pipeline: the shipped one of that name, told by the worker's own interface to leave one event out.
// `npm run connect -- apply` refuses such a pipeline.
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { connectRest, defaultLimits } from '@foldline/connect/src';
import { restartConnector } from './connect-control.ts';
import { waitUntil } from './positions.ts';
import type { TestSystem } from './test-system.ts';

const shippedFolder = resolve(__dirname, '..', '..', '..', 'connect', 'connectors');
const taskWithinMs = 30_000;

/** Returns when the connector of the shipped file runs with a pipeline that drops the event of this id. */
export async function dropEvent(system: TestSystem, connector: string, eventId: string): Promise<void> {
  await deploy(system, connector, (pipeline) => [...pipeline, { $match: { 'fullDocument.id': { $ne: eventId } } }]);
}

/** Puts the shipped one back. */
export async function dropNothing(system: TestSystem, connector: string): Promise<void> {
  await deploy(system, connector, (pipeline) => pipeline);
}

type Pipeline = readonly object[];

async function deploy(
  { ready }: TestSystem,
  connector: string,
  change: (pipeline: Pipeline) => Pipeline,
): Promise<void> {
  const url = ready.connect as string;
  const rest = connectRest({ url, limits: defaultLimits });
  const shipped = JSON.parse(await readFile(join(shippedFolder, `${connector}.json`), 'utf8'));
  const pipeline = JSON.stringify(change(JSON.parse(shipped.config.pipeline) as Pipeline));
  await rest.putConfig(connector, { ...(await rest.config(connector)), pipeline });
  await waitUntil(`the new pipeline in the task of ${connector}`, taskWithinMs, async () => {
    const [task] = await rest.taskConfigs(connector);
    return task?.pipeline === pipeline ? undefined : 'it has another pipeline';
  });
  // The worker may still run the task with the config before.
  await restartConnector(url, connector);
}
