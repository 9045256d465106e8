// What a version of Kafka Connect can do. A worker that is too old is refused in one sentence, before anything is changed.
import type { ConnectRest } from './connect-rest.ts';
import { ConnectFailure } from './failure.ts';

/** STOPPED is a state since 3.5, and the offsets of a connector can be shown and reset since 3.6 (KIP-875). */
const offsetsSince = [3, 6, 0];
/** A connector can be made STOPPED since 3.7 (KIP-980). */
const madeStoppedSince = [3, 7, 0];

/** A version that is no row of numbers is not judged. */
export function isBelow(version: string, min: readonly number[]): boolean {
  const numbers = /^v?(\d+)\.(\d+)(?:\.(\d+))?/
    .exec(version)
    ?.slice(1)
    .map((part) => Number(part ?? 0));
  const at = numbers?.findIndex((number, i) => number !== min[i]) ?? -1;
  return at >= 0 && (numbers?.[at] ?? 0) < (min[at] ?? 0);
}

type Versioned = Pick<ConnectRest, 'url' | 'version'>;

export async function knowsOffsets(rest: Versioned): Promise<boolean> {
  return !isBelow(await rest.version(), offsetsSince);
}

export async function makesStopped(rest: Versioned): Promise<boolean> {
  return !isBelow(await rest.version(), madeStoppedSince);
}

/** @param what the thing that cannot be done, as a noun @throws `worker-too-old` */
export async function requireOffsets(rest: Versioned, what: string): Promise<void> {
  const version = await rest.version();
  if (!isBelow(version, offsetsSince)) return;
  throw new ConnectFailure(
    'worker-too-old',
    `Kafka Connect at ${rest.url} has version ${version}, and ${what} needs 3.6 or later: run a later worker. ` +
      'To let a connector begin anew on this one, raise the number in its offset.partition.name and apply its file.',
  );
}
