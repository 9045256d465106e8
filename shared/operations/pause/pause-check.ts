// How a projection that stands still shows in readiness, and why. It does not make the service not ready: somebody wanted it, and
// reads go on.

import { type ReadinessCheck, withoutAddresses } from '../../http/index.ts';
import type { PauseGate } from './pause-gate.ts';

export function pauseCheck({
  name,
  current,
  reasons,
}: Pick<PauseGate, 'name' | 'current' | 'reasons'>): ReadinessCheck {
  const why = reasons();
  const detail = why.length > 0 ? why.map((one) => withoutAddresses(one)).join('; ') : `${name} is not paused`;
  return { name: 'pause', ready: true, detail, data: current() ?? null };
}
