// How a pause shows in readiness. It does not make the service not ready: somebody wanted it, and reads go on.
import { type PauseLever, pauseInWords } from '../engine/index.ts';
import { withoutAddresses } from './logging.ts';
import type { ReadinessCheck } from './operations.ts';

export function pauseCheck({ name, current }: Pick<PauseLever, 'name' | 'current'>): ReadinessCheck {
  const pause = current();
  const detail = pause ? `${name} is paused ${withoutAddresses(pauseInWords(pause))}` : `${name} is not paused`;
  return { name: 'pause', ready: true, detail, data: pause ?? null };
}
