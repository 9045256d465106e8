// The settings of status and pause: what counting a gap may cost, and how soon a pause takes effect in every process.
import { integerSetting } from './fields.ts';
import type { Settings } from './settings.ts';

export const pauseSettings = {
  GAP_COUNT_MAX: integerSetting(
    10_000,
    1,
    1_000_000,
    'the largest gap that is counted in a collection; a larger gap is shown as "at least"',
  ),
  GAP_COUNT_EVERY_MS: integerSetting(1000, 1, 3_600_000, 'how long a counted gap is reused'),
  GAP_COUNT_TIMEOUT_MS: integerSetting(3000, 10, 60_000, 'how long counting a gap may take'),
  PAUSE_LOOK_EVERY_MS: integerSetting(
    1000,
    10,
    60_000,
    'how often each process reads whether an operator paused its projection',
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
