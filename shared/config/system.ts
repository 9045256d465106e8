// Time and ids of the real world. Everything else takes them as ports.
import { v7 } from 'uuid';
import type { Clock, Ids } from '../engine/index.ts';

export const systemClock: Clock = { now: () => new Date() };

/** UUIDv7 (RFC 9562): new ids sort after older ones, which keeps index inserts together. */
export const systemIds: Ids = { next: () => v7() };
