// The settings of verifications: how often a service verifies by itself, how gently, and how long a difference may be an event on its way.
import { z } from 'zod';
import { integerSetting } from './fields.ts';
import type { Settings } from './settings.ts';

export const verificationSettings = {
  VERIFICATION_EVERY_MS: integerSetting(
    60_000,
    0,
    2_147_483_647,
    'the shortest time between two verifications of a model that the service begins by itself; 0: only on request',
  ),
  VERIFICATION_DUTY_PERCENT_MAX: integerSetting(
    5,
    1,
    100,
    'at most so many percent of the time are spent on verifications of a model that the service begins by itself: a large model is verified less often',
  ),
  VERIFY_REPAIR: z
    .enum(['auto', 'report'])
    .default('auto')
    .describe(
      'auto: a verification that the service began by itself repairs what is missing or behind; report: it only tells',
    ),
  FRESHNESS_EQUAL_WITHIN_MS: integerSetting(
    3_600_000,
    1000,
    2_147_483_647,
    'how long ago a model may have been verified equal before /freshness says that its completeness is not known',
  ),
  VERIFICATION_SCAN_PAUSE_MS: integerSetting(
    20,
    0,
    60_000,
    'how long a verification that the service began by itself pauses after each 1,000 documents',
  ),
  VERIFICATION_SETTLE_MS: integerSetting(
    500,
    0,
    60_000,
    'the shortest wait between the two comparisons of a difference',
  ),
  VERIFICATION_SETTLE_LIMIT_MS: integerSetting(
    30_000,
    0,
    600_000,
    'the longest wait before the second comparison, while an event stored at the first one has not arrived',
  ),
  VERIFICATION_FINDINGS_MAX: integerSetting(200, 1, 10_000, 'findings of one verification that are listed; all count'),
  VERIFICATION_REMOVALS_MAX: integerSetting(
    100,
    0,
    1_000_000,
    'copies without any event that one repair removes, and copies ahead of their source that it takes back; where there are more, the source may be the wrong one',
  ),
  VERIFICATION_KEPT_MAX: integerSetting(20, 1, 1000, 'ended verifications that can still be shown'),
} as const;

export type VerificationSettings = Settings<typeof verificationSettings>;

export function verifierLimits(settings: VerificationSettings) {
  return {
    everyMs: settings.VERIFICATION_EVERY_MS,
    dutyPercent: settings.VERIFICATION_DUTY_PERCENT_MAX,
    repairsByItself: settings.VERIFY_REPAIR === 'auto',
    scanPauseMs: settings.VERIFICATION_SCAN_PAUSE_MS,
    restMaxMs: settings.FRESHNESS_EQUAL_WITHIN_MS / 2,
    findingsMax: settings.VERIFICATION_FINDINGS_MAX,
    removalsMax: settings.VERIFICATION_REMOVALS_MAX,
    keptMax: settings.VERIFICATION_KEPT_MAX,
  };
}

export function arrivalLimits(settings: VerificationSettings) {
  return {
    leastMs: settings.VERIFICATION_SETTLE_MS,
    mostMs: settings.VERIFICATION_SETTLE_LIMIT_MS,
    pollMs: 100,
  };
}
