// Named places at which a test ends the process as `kill -9` would. Without a plan each is an empty call.
import type { CrashAt } from '../engine/index.ts';

/** @param plan `<name>:<n>` ends the process the n-th time `name` is passed; the empty string never does */
export function crashPoints(plan: string, kill: () => void = () => process.kill(process.pid, 'SIGKILL')): CrashAt {
  if (plan === '') return () => {};
  const [wanted, nth] = plan.split(':');
  let left = Number(nth ?? 1);
  return (name) => {
    if (name !== wanted) return;
    left -= 1;
    if (left === 0) kill();
  };
}
