// How held subjects show in the verbose readiness of a service. They never make it not ready: the others go on.
import type { Held } from '../../engine/index.ts';
import { type ReadinessCheck, withoutAddresses } from '../../http/index.ts';

/** @param trouble why the last try to let them go on could not be made */
export function heldCheck(count: number, shown: readonly Held[], trouble: string | undefined): ReadinessCheck {
  const detail =
    trouble === undefined ? `${count} held` : `${count} held; they cannot be tried: ${withoutAddresses(trouble)}`;
  return { name: 'held-subjects', ready: true, detail, data: shown };
}
