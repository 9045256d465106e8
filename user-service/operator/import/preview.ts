// What an import is about to do, before it does anything, and how that reads on a terminal.
import { tableText } from 'foldline/admin';
import type { Group, Standing } from './identity-map.ts';
import type { Import } from './imported-events.ts';
import type { Pending } from './merges.ts';
import type { Survey } from './survey.ts';

export interface Preview extends Import {
  readonly newPeople: number;
  /** Of the new ones, those that only events name. */
  readonly withoutProfile: number;
  /** Whose identity the store knew before. */
  readonly knownPeople: number;
  /** By an earlier run of the same import. */
  readonly storedBefore: number;
  readonly sharingAnAddress: number;
  readonly mergesToCome: number;
  /** Lines of events that are stored unless they are repeats. */
  readonly events: number;
  readonly refusals: Survey['reasons'];
}

/** @param survey whose people were looked up */
export async function previewOf(of: Import, survey: Survey, pending: AsyncIterable<Pending>): Promise<Preview> {
  const standings: Record<Standing, number> = { new: 0, stored: 0, ours: 0, known: 0 };
  let withoutProfile = 0;
  for (const { standing, profile } of survey.map.people.values()) {
    standings[standing] += 1;
    if (standing === 'new' && !profile) withoutProfile += 1;
  }
  let sharingAnAddress = 0;
  for (const group of survey.map.groups.values()) if (isShared(group)) sharingAnAddress += group.members.length;
  let mergesToCome = 0;
  for await (const { toCome } of pending) mergesToCome += toCome.flat().length;
  const { read, refused, blank } = survey.events;
  return {
    ...of,
    newPeople: standings.new,
    withoutProfile,
    knownPeople: standings.known,
    storedBefore: standings.ours,
    sharingAnAddress,
    mergesToCome,
    events: read - refused - blank,
    refusals: survey.reasons,
  };
}

/** With each other, or with a user who is not in the export. */
function isShared({ members, holder }: Group): boolean {
  return members.length > 1 || (holder !== undefined && members.some(({ subject }) => subject !== holder));
}

export function previewText(preview: Preview): string[] {
  const refused = (['people', 'events'] as const).flatMap((file) =>
    Object.entries(preview.refusals[file]).map(([reason, count]) => [`refused in ${file}: ${reason}`, count] as const),
  );
  return tableText([
    [`import ${preview.id}`, ''],
    ['new people', preview.newPeople],
    ['  of them named by events only', preview.withoutProfile],
    ['people known already', preview.knownPeople],
    ['people stored by an earlier run', preview.storedBefore],
    ['people who share an address', preview.sharingAnAddress],
    ['merges to come', preview.mergesToCome],
    ['events, repeats included', preview.events],
    ...refused,
  ]);
}
