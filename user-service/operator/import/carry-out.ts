// Stores what a survey found, in order: people, their events, their merges; then counts in the store what came of it.
import type { EventStore } from 'foldline/engine';
import type { IdentityPorts } from '../../src/identities/merge.ts';
import type { ImportConfig } from '../config.ts';
import type { RunStage } from '../long-verb.ts';
import type { Users } from '../open-users.ts';
import { storeActivities } from './activities.ts';
import { countInStore } from './count-in-store.ts';
import { exportLines } from './export-lines.ts';
import { type ExportFile, fileChanged } from './files.ts';
import type { Import } from './imported-events.ts';
import { mergePeople, pendingMerges } from './merges.ts';
import { storePeople } from './people.ts';
import { readersOf } from './readers.ts';
import type { Outcome } from './report.ts';
import type { Survey } from './survey.ts';

export interface Task {
  readonly of: Import;
  readonly survey: Survey;
  readonly events: ExportFile;
  readonly mergesToCome: number;
  /** An earlier run came to its end: what happened to its people since is nobody's to undo, and nothing is stored but lost lines. */
  readonly finished: boolean;
}

export async function carryOut(
  users: Users,
  ports: IdentityPorts & { readonly store: EventStore },
  { of, survey, events, mergesToCome, finished }: Task,
  config: ImportConfig,
  stage: RunStage,
): Promise<Outcome> {
  const { people, groups } = survey.map;
  const limits = {
    batchMax: config.IMPORT_BATCH_LINES_MAX,
    batchBytesMax: config.IMPORT_BATCH_BYTES_MAX,
    triesMax: config.IMPORT_TRIES_MAX,
  };

  if (finished) for (const person of people.values()) if (person.standing === 'new') person.standing = 'known';
  await stage('storing people', 'people', (reached) =>
    storePeople(ports.store, of, people.values(), limits, (count) => {
      users.crashAt('people-stored');
      reached(count / people.size, count);
    }),
  );

  const activities = await stage('storing events', 'lines', (reached) => {
    const read = readersOf(of, config.STORE_EVENT_BYTES_MAX).events;
    let share = 0;
    const onProgress = (now: number) => {
      share = now;
    };
    const lines = exportLines(events, read, { lineBytesMax: config.IMPORT_LINE_BYTES_MAX, onProgress });
    return storeActivities(ports.store, of, people, lines, limits, (count) => {
      users.crashAt('events-stored');
      reached(share, count);
    });
  });
  if (activities.lines.read !== survey.events.read || activities.lines.refused !== survey.events.refused)
    throw fileChanged();

  const merged = await stage('merging', 'merges', (reached) =>
    mergePeople(
      { ...ports, log: users.log },
      of,
      pendingMerges(users.log, of, groups.values(), limits.batchMax, finished),
      { triesMax: limits.triesMax, inFlightMax: config.IMPORT_MERGES_IN_FLIGHT_MAX },
      (count) => {
        users.crashAt('merged');
        reached(Math.min(1, count / Math.max(1, mergesToCome)), count);
      },
    ),
  );

  const inStore = await stage('counting in the store', 'subjects', (reached) =>
    countInStore(users.events, of, people.values(), activities.foundOn, limits.batchMax, reached),
  );
  return { survey, activities, merged, inStore };
}
