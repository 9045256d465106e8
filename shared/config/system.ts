// Time and ids of the real world. Everything else takes them as ports.
import { v5, v7 } from 'uuid';
import type { Clock, Ids } from '../engine/index.ts';

export const systemClock: Clock = { now: () => new Date() };

/** UUIDv7 (RFC 9562): new ids sort after older ones, which keeps index inserts together. */
export const systemIds: Ids = { next: () => v7() };

/** Everything that Foldline names by content lies in this namespace. */
const namespace = 'b1f8f3a0-6b5c-4f0e-9d3c-5a1d6f7c2e84';

/** As `idOfName`, in the form of a UUIDv7 of that instant, so that it sorts among new ids by time. */
export function idOfNameAt(instant: Date, name: string): string {
  const ms = instant.getTime().toString(16).padStart(12, '0');
  return `${ms.slice(0, 8)}-${ms.slice(8)}-7${idOfName(name).slice(15)}`;
}

/** UUIDv5 (RFC 9562): the same id for the same name, whoever makes it and however often. */
export function idOfName(name: string): string {
  return v5(name, namespace);
}
