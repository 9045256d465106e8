// How the lines of both files are judged, the same in every pass: by Mixpanel's shapes, and by what the store takes.
import { storedBytes } from 'foldline/mongodb';
import type { ReadObject } from './export-lines.ts';
import { activityEvent, type Import } from './imported-events.ts';
import { type Activity, type Profile, readActivity, readProfile } from './mixpanel.ts';
import { isRefused } from './refusal.ts';

export interface Readers {
  readonly people: ReadObject<Profile>;
  readonly events: ReadObject<Activity>;
}

/** BSON of JSON is at most six times as long (an array of digits), and the envelope is small: shorter lines need no measuring. */
const growthMax = 16;

/** The largest place that an event may get. */
const anywhere = {
  subject: 'user-00000000-0000-0000-0000-000000000000',
  version: Number.MAX_SAFE_INTEGER,
  claim: `activity:${'0'.repeat(64)}`,
};

export function readersOf(of: Import, eventBytesMax: number): Readers {
  const nowMs = of.startedAt.getTime();
  return {
    people: (object) => readProfile(object, nowMs),
    events(object, lineBytes) {
      const activity = readActivity(object, nowMs);
      if (isRefused(activity) || lineBytes * growthMax < eventBytesMax) return activity;
      const bytes = storedBytes(activityEvent(of, { number: 0, value: activity }, anywhere));
      return bytes > eventBytesMax ? { refused: 'too-large' } : activity;
    },
  };
}
