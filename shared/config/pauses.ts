// The settings of what an operator sees and does: what counting how far a projection is behind may cost, and how soon a pause holds.
import { integerSetting } from './fields.ts';
import type { Settings } from './settings.ts';

export const pauseSettings = {
  GAP_COUNT_MAX: integerSetting(
    10_000,
    1,
    1_000_000,
    'events behind that are counted in a collection; where there are more, that many at least are told',
  ),
  GAP_COUNT_EVERY_MS: integerSetting(1000, 1, 3_600_000, 'how long a count of the events behind is good for'),
  GAP_COUNT_TIMEOUT_MS: integerSetting(3000, 10, 60_000, 'how long a count of the events behind may take'),
  PAUSE_LOOK_EVERY_MS: integerSetting(
    1000,
    10,
    60_000,
    'how often each process looks whether an operator paused its projection',
  ),
} as const;

type PauseSettings = Settings<typeof pauseSettings>;

/** How many events behind are counted. */
export function gapLimits(settings: PauseSettings) {
  return { countMax: settings.GAP_COUNT_MAX, timeoutMs: settings.GAP_COUNT_TIMEOUT_MS };
}

/** How often. */
export function gapCacheLimits(settings: PauseSettings) {
  return { cachedMs: settings.GAP_COUNT_EVERY_MS, timeoutMs: settings.GAP_COUNT_TIMEOUT_MS };
}
