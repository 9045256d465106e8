// The offsets of a connector, and the restart of its copy. Kafka Connect keeps offsets under the connector's name, also after the connector
// was deleted; no code here reads a resume token. For a restart the connector is stopped, its offsets are reset, and it copies its collection
// again. Until the copy is complete the config on the worker carries a mark, so that an apply after an interruption finishes the restart.
import { backoffMs } from '../running/index.ts';
import type { Config } from './config-values.ts';
import type { ConnectorOffset } from './connect-rest.ts';
import type { ConnectorFile, PlainFile } from './connector-file.ts';
import { ConnectFailure, isConnectFailure } from './failure.ts';
import { readHealth } from './health.ts';
import { wantedConfig } from './reconcile.ts';
import { type AtWorker, goOn, pauseWhile, putUntilEqual, untilState, untilTasksAreTold } from './wait.ts';

/** The offsets from which the connector of this config would go on: those of its `offset.partition.name`, where it has one. */
export function positionIn(
  offsets: readonly ConnectorOffset[],
  { config }: Pick<ConnectorFile, 'config'>,
): readonly ConnectorOffset[] {
  const name = config['offset.partition.name'];
  const kept = offsets.filter(({ offset }) => offset !== null);
  return name === undefined ? kept : kept.filter(({ partition }) => Object.values(partition).includes(name));
}

/** While a connector copies a collection, the MongoDB connector marks each offset so. */
export function isCopying(offsets: readonly ConnectorOffset[]): boolean {
  return offsets.some(({ offset }) => offset !== null && String(offset.copy) === 'true');
}

/** Forgets the offsets of a connector that is STOPPED. A worker that has not ended its tasks yet refuses, and is asked again. */
export async function resetOffsets(name: string, { rest, limits, signal }: AtWorker): Promise<void> {
  const untilMs = performance.now() + limits.retryForMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await rest.resetOffsets(name);
      return;
    } catch (error) {
      const waitMs = backoffMs({ initialMs: limits.retryInitialMs, maxMs: limits.retryMaxMs }, attempt);
      if (!isConnectFailure(error, 'worker-refused') || performance.now() + waitMs > untilMs) throw error;
      const [health] = await readHealth(rest, [name]);
      // A connector that somebody resumed meanwhile is not going to be STOPPED by itself.
      if (health?.state !== 'STOPPED') throw error;
      await pauseWhile(`resetting the offsets of ${name}`, waitMs, signal);
    }
  }
}

/** A key that Connect passes on unread. It is in no file, so that `plan` shows it as a key to be taken out. */
export const beginningKey = 'foldline.beginning';

export function isBeginning(config: Config | undefined): boolean {
  return config?.[beginningKey] !== undefined;
}

/** The config without the mark, as the connector is meant to run. */
export function unmarked(config: Config): Config {
  return Object.fromEntries(Object.entries(config).filter(([key]) => key !== beginningKey));
}

const marked = (file: PlainFile): Config => ({ ...wantedConfig(file), [beginningKey]: 'true' });

/** Stops the connector and marks it, so that nothing comes into its topic any more and an interruption is seen. */
export async function stopToBegin(file: PlainFile, at: AtWorker): Promise<void> {
  const { name } = file;
  if (!(await at.rest.stop(name)))
    throw new ConnectFailure('worker-refused', `There is no connector ${name} at ${at.rest.url}: apply its file.`);
  // The mark comes before the wait for the tasks, so that hardly a moment is left in which an interruption would leave none.
  await putUntilEqual(name, marked(file), at);
  await untilState(name, 'STOPPED', at);
}

/** @param whenStopped done while nothing can come into the topics, such as making them */
export async function beginAnew(file: PlainFile, at: AtWorker, whenStopped?: () => Promise<void>): Promise<void> {
  await stopToBegin(file, at);
  await whenStopped?.();
  await resetOffsets(file.name, at);
  await letGo(file, at);
}

/**
 * Makes a connector whose topic is new. The worker keeps the position of one that was deleted and shows it only when the connector is
 * there again, so it is made STOPPED, and goes on without that position. @returns whether there was one
 */
export async function beginOnNewTopic(file: PlainFile, at: AtWorker): Promise<boolean> {
  await at.rest.createStopped(file.name, marked(file));
  await untilState(file.name, 'STOPPED', at);
  const isPositioned = positionIn((await at.rest.offsets(file.name)) ?? [], file).length > 0;
  if (isPositioned) await resetOffsets(file.name, at);
  await letGo(file, at);
  return isPositioned;
}

async function letGo(file: PlainFile, at: AtWorker): Promise<void> {
  const wanted = wantedConfig(file);
  await putUntilEqual(file.name, wanted, at);
  await goOn(file.name, at);
  await untilTasksAreTold(file.name, wanted, at);
}
