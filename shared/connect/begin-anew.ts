// Restarts the copy of a connector: the connector is stopped, its offsets are reset, and it copies its collection again. Until the copy is
// complete the connector's config on the worker carries a mark, so that an apply after an interruption finishes the restart.
import type { Config } from './connect-rest.ts';
import type { PlainFile } from './connector-file.ts';
import { ConnectFailure } from './failure.ts';
import { goOn, positionIn, resetOffsets, type Standing, untilState } from './position.ts';
import { putUntilEqual, untilTasksAreTold } from './put-config.ts';
import { wantedConfig } from './reconcile.ts';

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
export async function stopToBegin(file: PlainFile, at: Standing): Promise<void> {
  const { name } = file;
  if (!(await at.rest.stop(name)))
    throw new ConnectFailure('worker-refused', `There is no connector ${name} at ${at.rest.url}: apply its file.`);
  // The mark comes before the wait for the tasks, so that hardly a moment is left in which an interruption would leave none.
  await putUntilEqual(name, marked(file), at);
  await untilState(name, 'STOPPED', at);
}

/** @param whenStopped done while nothing can come into the topics, such as making them */
export async function beginAnew(file: PlainFile, at: Standing, whenStopped?: () => Promise<void>): Promise<void> {
  await stopToBegin(file, at);
  await whenStopped?.();
  await resetOffsets(file.name, at);
  await letGo(file, at);
}

/**
 * Makes a connector whose topic is new. The worker keeps the position of one that was deleted and shows it only when the connector is
 * there again, so it is made STOPPED, and goes on without that position. @returns whether there was one
 */
export async function beginOnNewTopic(file: PlainFile, at: Standing): Promise<boolean> {
  await at.rest.createStopped(file.name, marked(file));
  await untilState(file.name, 'STOPPED', at);
  const isPositioned = positionIn((await at.rest.offsets(file.name)) ?? [], file).length > 0;
  if (isPositioned) await resetOffsets(file.name, at);
  await letGo(file, at);
  return isPositioned;
}

async function letGo(file: PlainFile, at: Standing): Promise<void> {
  const wanted = wantedConfig(file);
  await putUntilEqual(file.name, wanted, at);
  await goOn(file.name, at);
  await untilTasksAreTold(file.name, wanted, at);
}
