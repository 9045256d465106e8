// A change that all processes make between the same two batches. All are asked to pause; one update is made when all living processes
// have paused; and they go on when all use the new record. If one does not pause in time the request is taken back, and nothing is changed.

import { type CrashAt, Failure, type Ids } from '../../engine/index.ts';
import { pause } from '../../running/index.ts';
import { lookDuringSwitchoverEveryMs, type Membership, type MembershipLimits } from './membership.ts';
import type { ModelRecord, Pointers, SwitchoverKind } from './model-record.ts';
import type { ModelStore } from './model-store.ts';

export interface SwitchoverPorts {
  readonly membership: Membership;
  readonly store: ModelStore;
  readonly ids: Ids;
  readonly nowMs: () => number;
  readonly limits: Pick<MembershipLimits, 'switchoverWithinMs'>;
  readonly crashPoint?: CrashAt | undefined;
}

export interface SwitchoverResult {
  readonly record: ModelRecord;
  /** How long this process stood still for it. */
  readonly stoodStillMs: number;
}

/** How often the record is looked at before a request is refused because others changed it each time. */
const looksMax = 3;

/**
 * @param change makes the new pointers from the record; it is called again after the pause, and throws to refuse
 * @throws Failure `rebuild-refused` when another was quicker, `pause-not-agreed` naming who did not pause; nothing is changed then
 */
export async function switchOver(
  { membership, store, ids, nowMs, limits, crashPoint }: SwitchoverPorts,
  model: string,
  kind: SwitchoverKind,
  change: (record: ModelRecord) => Pointers,
): Promise<SwitchoverResult> {
  const id = ids.next();

  /** A backfill that ends between the look and the request raises the revision, and is no reason to refuse: the record is looked at again. */
  async function ask(): Promise<void> {
    for (let looks = 0; looks < looksMax; looks++) {
      await membership.look();
      const before = membership.record(model);
      change(before);
      if (before.switchover) break;
      if (await store.ask(before, { id, kind }, limits.switchoverWithinMs)) return;
    }
    throw new Failure('rebuild-refused', `Another process is changing the generations of ${model} at this moment.`);
  }

  await ask();
  crashPoint?.('switchover-asked');
  const untilMs = nowMs() + limits.switchoverWithinMs;
  const isOn = () => membership.record(model).switchover?.id === id;

  /** Who had not paused when it was last looked. */
  let late: readonly string[] = [];

  async function takeBack(): Promise<never> {
    await store.takeBack(model, id, true);
    await membership.look();
    const who =
      late.length > 0 ? `Not paused within ${limits.switchoverWithinMs} ms: ${late.join(', ')}` : 'All paused too late';
    throw new Failure('pause-not-agreed', `${who}. The ${kind} of ${model} was taken back, and nothing is changed.`);
  }

  async function allPaused(): Promise<void> {
    for (;;) {
      await membership.look();
      // Another may have taken it back when its time was over.
      if (!isOn()) return takeBack();
      late = (await store.living()).filter(({ paused }) => !paused.includes(id)).map((process) => process.id);
      if (late.length === 0) return;
      if (nowMs() > untilMs) return takeBack();
      await pause(lookDuringSwitchoverEveryMs);
    }
  }

  await allPaused();
  crashPoint?.('switchover-paused');
  if (!(await store.carryOut(model, id, change(membership.record(model))))) await takeBack();
  crashPoint?.('switchover-carried-out');
  // A process that does not take the switchover over loses its lease, and is then not waited for.
  for (await membership.look(); isOn(); await membership.look()) await pause(lookDuringSwitchoverEveryMs);
  return { record: membership.record(model), stoodStillMs: membership.stoodStillMs(model) };
}
