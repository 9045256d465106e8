// Hands the common settings to the parts they limit.

import type { commonSettings } from './fields.ts';
import type { Settings } from './settings.ts';

type Common = Settings<typeof commonSettings>;

/** How the service with this name connects to MongoDB. */
export function clientSettings(appName: string, settings: Common) {
  return {
    uri: settings.MONGODB_URI,
    appName,
    serverSelectionTimeoutMs: settings.MONGODB_SELECTION_TIMEOUT_MS,
    socketTimeoutMs: settings.MONGODB_SOCKET_TIMEOUT_MS,
    poolSizeMax: settings.MONGODB_POOL_MAX,
  };
}

export function storeLimits(settings: Common) {
  return {
    eventBytesMax: settings.STORE_EVENT_BYTES_MAX,
    insertMs: settings.STORE_INSERT_MS,
    appendMs: settings.STORE_APPEND_MS,
    triesMax: settings.STORE_TRIES_MAX,
    groupsInFlightMax: settings.STORE_GROUPS_IN_FLIGHT_MAX,
    membersMax: settings.STORE_GROUP_EVENTS_MAX,
    queueMax: settings.STORE_QUEUE_EVENTS_MAX,
  };
}

export function feedLimits(settings: Common) {
  return {
    batchEventsMax: settings.FEED_BATCH_EVENTS_MAX,
    checkpointEveryMs: settings.FEED_CHECKPOINT_EVERY_MS,
    retry: { initialMs: settings.FEED_RETRY_INITIAL_MS, maxMs: settings.FEED_RETRY_MAX_MS },
  };
}

/** Of one check of readiness, status or metrics: asked anew each time, one question on its way. */
export function checkLimits(settings: Common) {
  return { cachedMs: 0, timeoutMs: settings.CHECK_TIMEOUT_MS };
}

export function waiterLimits(settings: Common) {
  return { waitersMax: settings.WAITERS_MAX, pollMs: settings.WAIT_POLL_MS };
}

export function retrierLimits(settings: Common) {
  return {
    batchSubjectsMax: settings.HELD_BATCH_SUBJECTS_MAX,
    batchEventsMax: settings.FEED_BATCH_EVENTS_MAX,
    trackedMax: settings.HELD_TRACKED_SUBJECTS_MAX,
    retryInitialMs: settings.HELD_RETRY_INITIAL_MS,
    retryMsMax: settings.HELD_RETRY_MAX_MS,
    ownerRetryMsMax: settings.HELD_OWNER_RETRY_MAX_MS,
    lookEveryMs: settings.HELD_LOOK_EVERY_MS,
  };
}
