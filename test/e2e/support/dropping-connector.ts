// A connector with a mistake in its pipeline: the shipped one of that name, deployed again so that it leaves one event out.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { applyConnectors } from '@foldline/connect/src';
import type { TestSystem } from './test-system.ts';

const shippedFolder = resolve(__dirname, '..', '..', '..', 'connect', 'connectors');

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
  { ready, servers }: TestSystem,
  connector: string,
  change: (pipeline: Pipeline) => Pipeline,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'foldline-dropping-'));
  try {
    const file = join(folder, `${connector}.json`);
    const shipped = JSON.parse(await readFile(join(shippedFolder, `${connector}.json`), 'utf8'));
    const pipeline = JSON.stringify(change(JSON.parse(shipped.config.pipeline) as Pipeline));
    await writeFile(file, JSON.stringify({ ...shipped, config: { ...shipped.config, pipeline } }, null, 2));
    await applyConnectors({
      ...{ connectUrl: ready.connect as string, brokers: ready.kafka as string, files: [file] },
      secretsDir: servers.folders.secrets,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
