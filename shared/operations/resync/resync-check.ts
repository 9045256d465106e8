// How a resync shows in readiness: while one runs, and until it is known whether one must, the service answers with what it has
// and says that it may be behind.

import { type ReadinessCheck, withoutAddresses } from '../../http/index.ts';
import type { Resync } from './resync-ports.ts';

export function resyncCheck(resync: Pick<Resync, 'state' | 'isSettled'>): ReadinessCheck {
  return { name: 'resync', ready: resync.isSettled() && resync.state() === undefined, detail: inWords(resync) };
}

function inWords(resync: Pick<Resync, 'state' | 'isSettled'>): string {
  const state = resync.state();
  if (state === undefined) return resync.isSettled() ? 'none is running' : 'the offsets of the group are not known yet';
  const { topic, reason, since, done, of, trouble } = state;
  const far = of === undefined ? `${done}` : `${done} of ${of}`;
  const last = trouble === undefined ? '' : `; the last try ended: ${withoutAddresses(trouble)}`;
  return `${topic} is resynced (${reason}) since ${since.toISOString()}: ${far} taken in${last}`;
}
