// What became of every line: the figures, whether they add up, whether the store holds what they say, and how that reads on a terminal.
import { type Context, numberText, tableText } from 'foldline/admin';
import type { StoredActivities } from './activities.ts';
import type { InStore } from './count-in-store.ts';
import { type Counting, type Figures, isConserved, type Tally } from './figures.ts';
import type { Standing } from './identity-map.ts';
import type { Import } from './imported-events.ts';
import type { Merged } from './merges.ts';
import type { Survey } from './survey.ts';

export interface Report extends Import {
  readonly finishedAt: Date;
  readonly people: Figures;
  readonly events: Figures;
  /** Made by this import. */
  readonly merges: number;
  /** How many were not, by the code that says why. */
  readonly notMerged: Readonly<Tally>;
  /** Stored people whom only events name; they stand on no line of the people's file. */
  readonly withoutProfile: number;
  readonly refusals: Survey['reasons'];
  readonly conservation: Conservation;
  /** The most that the last run held in memory. */
  readonly memoryBytesMax: number;
}

interface Conservation {
  readonly holds: boolean;
  /** What the lines say that the store holds of this import, and what was counted there. */
  readonly expected: InStore;
  readonly inStore: InStore;
}

/** What the steps of an import came to. */
export interface Outcome {
  readonly survey: Survey;
  readonly activities: StoredActivities;
  readonly merged: Merged;
  readonly inStore: InStore;
}

export interface Occasion {
  /** Whether an earlier run came to its end. What it stored is a repeat then; else this run goes on with it, and counts it. */
  readonly finished: boolean;
  readonly now: Date;
  readonly memoryBytesMax: number;
}

export function reportOf(of: Import, { survey, activities, merged, inStore }: Outcome, occasion: Occasion): Report {
  const { finished, now, memoryBytesMax } = occasion;
  const told = (
    figures: Counting,
    { storedNow, storedBefore }: Pick<StoredActivities, 'storedNow' | 'storedBefore'>,
  ) => ({
    ...figures,
    stored: storedNow + (finished ? 0 : storedBefore),
    repeats: figures.repeats + (finished ? storedBefore : 0),
  });
  const [withProfile, withoutProfile] = [true, false].map((has) => standingsOf(survey, has)) as [Standings, Standings];
  const people = told(
    { ...survey.people, repeats: survey.people.repeats + withProfile.known },
    { storedNow: withProfile.stored, storedBefore: withProfile.ours },
  );
  const events = told(activities.lines, activities);
  const expected = {
    people: withProfile.stored + withProfile.ours + withoutProfile.stored + withoutProfile.ours,
    events: activities.storedNow + activities.storedBefore,
  };
  const proved = expected.people === inStore.people && expected.events === inStore.events;
  return {
    ...of,
    finishedAt: now,
    people,
    events,
    merges: finished ? merged.madeNow : merged.ours,
    notMerged: merged.notMerged,
    withoutProfile: withoutProfile.stored + (finished ? 0 : withoutProfile.ours),
    refusals: survey.reasons,
    conservation: { holds: isConserved(people) && isConserved(events) && proved, expected, inStore },
    memoryBytesMax,
  };
}

type Standings = Record<Standing, number>;

function standingsOf({ map }: Survey, hasProfile: boolean): Standings {
  const count: Standings = { new: 0, stored: 0, ours: 0, known: 0 };
  for (const { standing, profile } of map.people.values())
    if ((profile !== undefined) === hasProfile) count[standing] += 1;
  return count;
}

/** @param path of the folder that the report lies in */
export function reportText(report: Report, path: string, colors: Context['colors']): string[] {
  const row = (name: string, { read, stored, repeats, refused, blank }: Figures) =>
    [name, read, stored, repeats, refused, blank] as const;
  const { expected, inStore, holds } = report.conservation;
  const conservation = holds
    ? colors.green('conserved: each line is counted once, and the store holds what the figures say')
    : colors.red(
        `not conserved: ${expected.people} people and ${expected.events} events of this import should be in the store, ${inStore.people} and ${inStore.events} are`,
      );
  const notMerged = Object.entries(report.notMerged).map(([code, count]) => `, ${numberText(count)} not: ${code}`);
  return [
    ...tableText([
      [`import ${report.id}`, 'read', 'stored', 'repeats', 'refused', 'blank'],
      row('people', report.people),
      row('events', report.events),
    ]),
    `merges ${numberText(report.merges)}${notMerged.join('')}`,
    `people named by events only ${numberText(report.withoutProfile)}`,
    conservation,
    `report, refused lines and backup: ${path}`,
  ];
}
