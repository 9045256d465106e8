// The kinds of settings there are, and the ones that every service has.
import { z } from 'zod';
import { trustedProxies } from './trusted-proxies.ts';

/** A whole number given as text. */
export function integer(min: number, max: number) {
  return z.string().regex(/^\d+$/, 'must be a whole number').transform(Number).pipe(z.number().int().min(min).max(max));
}

export function integerSetting(fallback: number, min: number, max: number, what: string) {
  return integer(min, max).default(fallback).describe(what);
}

export function portSetting(fallback: number, what: string) {
  return integerSetting(fallback, 0, 65_535, `${what}; 0 takes any free one`);
}

export const mongodbUri = z
  .string('must be set')
  .regex(/^mongodb(\+srv)?:\/\//, 'must begin with mongodb:// or mongodb+srv://')
  .describe('the address of the MongoDB replica set');

export const commonSettings = {
  HOST: z.string().default('127.0.0.1').describe('the address to listen on; one that is not loopback needs API_TOKENS'),
  API_TOKENS: z
    .string()
    .default('')
    .describe(
      'who may call: `name=token`, `name=token:verification` or `name=token:admin`, several with commas, each token of its own and of 32 characters at least; empty allows everything, on loopback only',
    ),
  TRUSTED_PROXIES: trustedProxies
    .optional()
    .describe('addresses and networks of proxies, several with commas: what they say about the caller is believed'),
  HTTP_CONNECTIONS_MAX: integerSetting(1000, 10, 100_000, 'connections of callers that are open at once'),
  HTTP_CONNECTIONS_PER_ADDRESS_MAX: integerSetting(
    250,
    1,
    100_000,
    'the same of one address, or of one /64 of IPv6; a trusted proxy has no such limit',
  ),
  HTTP_PROBE_CONNECTIONS_MAX: integerSetting(
    50,
    1,
    1000,
    'connections beyond both limits: for probes, and for requests that another connection makes room for',
  ),
  HTTP_REQUESTS_IN_FLIGHT_MAX: integerSetting(
    200,
    1,
    100_000,
    'requests at work at one moment, without those that wait for a version; one more is refused with 503',
  ),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('how much is logged'),
  MONGODB_URI: mongodbUri,
  MONGODB_POOL_MAX: integerSetting(50, 1, 1000, 'connections to MongoDB at most'),
  MONGODB_SELECTION_TIMEOUT_MS: integerSetting(5000, 100, 60_000, 'how long a call waits for a primary'),
  MONGODB_SOCKET_TIMEOUT_MS: integerSetting(
    30_000,
    1000,
    600_000,
    'how long a call waits for an answer on a connection that went silent',
  ),
  STORE_EVENT_BYTES_MAX: integerSetting(262_144, 1024, 1_000_000, 'the largest event that is stored'),
  STORE_INSERT_MS: integerSetting(
    1000,
    50,
    10_000,
    'how long the server may spend on one insert before its members are settled one by one',
  ),
  STORE_APPEND_MS: integerSetting(
    10_000,
    100,
    60_000,
    'how long one append may take in all before it answers overloaded',
  ),
  STORE_TRIES_MAX: integerSetting(5, 1, 20, 'how often one append is sent'),
  STORE_GROUPS_IN_FLIGHT_MAX: integerSetting(2, 1, 16, 'group commits that are on their way at once'),
  STORE_GROUP_EVENTS_MAX: integerSetting(500, 1, 5000, 'events in one group commit'),
  STORE_QUEUE_EVENTS_MAX: integerSetting(10_000, 1, 100_000, 'appends that may wait; one more answers overloaded'),
  FEED_BATCH_EVENTS_MAX: integerSetting(5000, 1, 50_000, 'events that are folded in one batch'),
  FEED_CHECKPOINT_EVERY_MS: integerSetting(
    1000,
    10,
    60_000,
    'how often a reader of a change stream stores its checkpoint',
  ),
  FEED_RETRY_INITIAL_MS: integerSetting(100, 1, 60_000, 'the first wait after a failed batch'),
  FEED_RETRY_MAX_MS: integerSetting(5000, 1, 300_000, 'the longest wait after a failed batch'),
  HELD_RETRY_INITIAL_MS: integerSetting(100, 1, 60_000, 'the first wait after a hole could not be filled'),
  HELD_RETRY_MAX_MS: integerSetting(
    30_000,
    1,
    3_600_000,
    'the longest wait before a hole is tried again whose event its owner does not have',
  ),
  HELD_OWNER_RETRY_MAX_MS: integerSetting(
    2000,
    1,
    60_000,
    'the longest wait before a hole is tried again whose owner does not answer',
  ),
  HELD_LOOK_EVERY_MS: integerSetting(
    10_000,
    10,
    600_000,
    'how often held subjects are looked through for holes that another process met',
  ),
  HELD_BATCH_SUBJECTS_MAX: integerSetting(
    100,
    1,
    1000,
    'held subjects that are tried together, with one question to their owner',
  ),
  HELD_TRACKED_SUBJECTS_MAX: integerSetting(10_000, 1, 1_000_000, 'holes that wait for their next try at once'),
  CATCH_UP_SUBJECTS_PER_PAGE: integerSetting(500, 1, 10_000, 'subjects that are compared at once while scanning'),
  WAITERS_MAX: integerSetting(1000, 1, 100_000, 'readers that may wait for a version at once'),
  WAIT_POLL_MS: integerSetting(200, 10, 10_000, 'how often a waiting reader looks by itself'),
  CHECK_TIMEOUT_MS: integerSetting(
    1000,
    10,
    60_000,
    'how long one check of readiness, status or metrics waits for an answer before it says that nothing is known',
  ),
  PROGRESS_LOOK_EVERY_MS: integerSetting(2000, 50, 60_000, 'how often readiness looks whether events arrive'),
  PROGRESS_STALLED_AFTER_MS: integerSetting(
    15_000,
    100,
    600_000,
    'how long no stored event may arrive before the service is not ready',
  ),
} as const;

export const crashSetting = {
  CRASH_AT: z
    .string()
    .default('')
    .describe('for tests: ends the process at the n-th passing of a named place, as `after-insert:3`'),
} as const;
