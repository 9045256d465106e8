// A connector with a mistake in its pipeline, which leaves one event out. The command line refuses such a pipeline, so the mistake is
// made at the worker's own interface, as somebody else's tool would make it.
import { resolve } from 'node:path';
import { applyConnectors, connectRest, defaultLimits } from 'foldline/connect';
import { setConnector, statesOf, whenRunning } from './connect-control.ts';
import type { TestSystem } from './test-system.ts';
import { waitUntil } from './wait-until.ts';

const shippedFolder = resolve(__dirname, '..', '..', '..', 'connect', 'connectors');
const stoppedWithinMs = 30_000;

/** Returns when the connector runs with a pipeline that drops the event of this id. */
export async function dropEvent({ ready }: TestSystem, connector: string, eventId: string): Promise<void> {
  const connectUrl = ready.connect as string;
  const rest = connectRest({ url: connectUrl, limits: defaultLimits });
  const config = await rest.config(connector);
  if (config?.pipeline === undefined) throw new Error(`the connector ${connector} has no pipeline`);
  const stages: object[] = JSON.parse(config.pipeline);
  const pipeline = JSON.stringify([...stages, { $match: { 'fullDocument.id': { $ne: eventId } } }]);
  // Stopped in between, so that no task runs with the config before.
  await setConnector(connectUrl, connector, 'stop');
  await waitUntil(`${connector} to be stopped`, stoppedWithinMs, async () => {
    const states = await statesOf(connectUrl, connector);
    return states === 'STOPPED' ? undefined : `it is ${states}`;
  });
  await rest.putConfig(connector, { ...config, pipeline });
  await setConnector(connectUrl, connector, 'resume');
  await whenRunning(connectUrl, [connector]);
}

/** Puts the shipped config back. */
export async function dropNothing({ ready, servers }: TestSystem, connector: string): Promise<void> {
  await applyConnectors({
    connectUrl: ready.connect as string,
    brokers: ready.kafka as string,
    files: [resolve(shippedFolder, `${connector}.json`)],
    secretsDir: servers.folders.secrets,
  });
}
