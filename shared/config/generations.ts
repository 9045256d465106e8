// The settings of generations: how soon a process that fell silent is waited for no more, and how long a move may keep all waiting.
import { integerSetting } from './fields.ts';
import type { Settings } from './settings.ts';

export const generationSettings = {
  GENERATION_LEASE_MS: integerSetting(
    5000,
    1000,
    60_000,
    'a process that said nothing for so long is waited for no more by a move, and writes nothing before it has looked again',
  ),
  GENERATION_LOOK_EVERY_MS: integerSetting(
    200,
    10,
    1000,
    'how often each process looks at the generations of its models',
  ),
  GENERATION_MOVE_WITHIN_MS: integerSetting(
    700,
    50,
    900,
    'how long all processes may take to stand still for a move; else it is taken back',
  ),
  REBUILD_REPORT_EVERY_MS: integerSetting(500, 10, 60_000, 'how often a fill says how far it is'),
  REBUILD_COMPARE_LISTED_MAX: integerSetting(
    200,
    1,
    10_000,
    'differences between two generations that are listed; all count',
  ),
  REBUILD_COMPARE_SETTLE_MS: integerSetting(
    500,
    0,
    60_000,
    'how long after two generations were seen at different versions they are looked at again',
  ),
} as const;

type GenerationSettings = Settings<typeof generationSettings>;

export function keeperLimits(settings: GenerationSettings) {
  return {
    leaseMs: settings.GENERATION_LEASE_MS,
    lookEveryMs: settings.GENERATION_LOOK_EVERY_MS,
    moveWithinMs: settings.GENERATION_MOVE_WITHIN_MS,
  };
}

export function rebuildLimits(settings: GenerationSettings) {
  return {
    ...keeperLimits(settings),
    reportEveryMs: settings.REBUILD_REPORT_EVERY_MS,
    listedMax: settings.REBUILD_COMPARE_LISTED_MAX,
    settleMs: settings.REBUILD_COMPARE_SETTLE_MS,
  };
}
