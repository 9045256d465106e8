// A change that all processes make between the same two batches: all are asked to pause, one update is made when all living ones
// did, and they go on when all have taken it over. Whoever does not pause in time has it taken back, and nothing was changed.

import { type CrashAt, Failure, type Ids } from '../../engine/index.ts';
import { pause } from '../../running/index.ts';
import { type Keeper, type KeeperLimits, lookInMoveEveryMs } from './keeper.ts';
import type { ModelRecord, MoveKind, Pointers } from './model-record.ts';
import type { ModelStore } from './model-store.ts';

export interface MovePorts {
  readonly keeper: Keeper;
  readonly store: ModelStore;
  readonly ids: Ids;
  readonly nowMs: () => number;
  readonly limits: Pick<KeeperLimits, 'moveWithinMs'>;
  readonly crashPoint?: CrashAt | undefined;
}

export interface Moved {
  readonly record: ModelRecord;
  /** How long this process stood still for it. */
  readonly stoodStillMs: number;
}

/**
 * @param change what becomes of the record; it is asked again behind the pause, and refuses by throwing
 * @throws Failure `rebuild-refused` when another was quicker, `pause-not-agreed` naming who did not pause; nothing is changed then
 */
export async function move(
  { keeper, store, ids, nowMs, limits, crashPoint }: MovePorts,
  model: string,
  kind: MoveKind,
  change: (record: ModelRecord) => Pointers,
): Promise<Moved> {
  await keeper.look();
  const before = keeper.record(model);
  change(before);
  const id = ids.next();
  if (before.move || !(await store.ask(before, { id, kind }, limits.moveWithinMs)))
    throw new Failure('rebuild-refused', `Somebody else is changing the generations of ${model} at this moment.`);
  crashPoint?.('move-asked');
  const untilMs = nowMs() + limits.moveWithinMs;
  const isOn = () => keeper.record(model).move?.id === id;

  /** Who had not paused when it was last looked. */
  let late: readonly string[] = [];

  async function takeBack(): Promise<never> {
    await store.takeBack(model, id, true);
    await keeper.look();
    const who =
      late.length > 0 ? `Not paused within ${limits.moveWithinMs} ms: ${late.join(', ')}` : 'All paused too late';
    throw new Failure('pause-not-agreed', `${who}. The ${kind} of ${model} was taken back, and nothing is changed.`);
  }

  async function allPaused(): Promise<void> {
    for (;;) {
      await keeper.look();
      // Another may have taken it back when its time was over.
      if (!isOn()) return takeBack();
      late = (await store.living()).filter(({ paused }) => !paused.includes(id)).map((process) => process.id);
      if (late.length === 0) return;
      if (nowMs() > untilMs) return takeBack();
      await pause(lookInMoveEveryMs);
    }
  }

  await allPaused();
  crashPoint?.('move-paused');
  if (!(await store.carryOut(model, id, change(keeper.record(model))))) await takeBack();
  crashPoint?.('move-carried-out');
  // Whoever does not take it over ends with its lease, and is waited for no longer.
  for (await keeper.look(); isOn(); await keeper.look()) await pause(lookInMoveEveryMs);
  return { record: keeper.record(model), stoodStillMs: keeper.stoodStillMs(model) };
}
