// The settings of generations: how long the lease of a process lasts, and how long a switchover may keep all processes paused.
import { integerSetting } from './fields.ts';
import type { Settings } from './settings.ts';
import type { VerificationSettings } from './verification.ts';

export const generationSettings = {
  GENERATION_LEASE_MS: integerSetting(
    5000,
    1000,
    60_000,
    'how long the lease of a process lasts: after it no switchover waits for the process, and the process writes nothing before it has read the generations again',
  ),
  GENERATION_LOOK_EVERY_MS: integerSetting(200, 10, 1000, 'how often each process reads the generations of its models'),
  GENERATION_MOVE_WITHIN_MS: integerSetting(
    700,
    50,
    900,
    'how long all processes may take to pause for a switchover; after that the switchover is taken back',
  ),
  REBUILD_REPORT_EVERY_MS: integerSetting(500, 10, 60_000, 'how often a backfill stores its progress'),
} as const;

type GenerationSettings = Settings<typeof generationSettings>;

export function membershipLimits(settings: GenerationSettings) {
  return {
    leaseMs: settings.GENERATION_LEASE_MS,
    lookEveryMs: settings.GENERATION_LOOK_EVERY_MS,
    switchoverWithinMs: settings.GENERATION_MOVE_WITHIN_MS,
  };
}

export function rebuildLimits(settings: GenerationSettings & VerificationSettings) {
  return {
    ...membershipLimits(settings),
    reportEveryMs: settings.REBUILD_REPORT_EVERY_MS,
    findingsMax: settings.VERIFICATION_FINDINGS_MAX,
    settleMs: settings.VERIFICATION_SETTLE_MS,
  };
}
