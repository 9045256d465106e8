// A festival to measure: filled as its commands and its projector would have left it, then worked on by the example's own
// processor. A deletion ends when its removal has completed; before the next one the read model has taken it up.

import { setTimeout as pause } from 'node:timers/promises';
import { removalKind } from '@foldline/examples/festival/src/remove-teams-when-event-is-removed';
import { festivalProcessor, festivalService } from '@foldline/examples/festival/src/service';
import { teamEventDecider } from '@foldline/examples/festival/src/team-event';
import { type Opened, readServiceConfig, startService } from 'foldline';
import { systemIds } from 'foldline/config';
import { execute, idOf, type StoredEvent, subjectOf } from 'foldline/engine';
import { createLogger } from 'foldline/fastify';
import type { Db, MongoClient } from 'mongodb';
import { type Seeding, seedFestival } from './festival-seed.ts';
import { within } from './within.ts';

/** The longest removal here has 20,000 teams, and takes half a minute. */
const removalMsMax = 600_000;

/** 1,000,000 facts are scanned, with their documents. */
const scanMsMax = 1_200_000;

type Processor = typeof festivalProcessor;
type OpenFestival = Opened<Processor['settings']['table'], Processor['stores'], Processor['models']>;

export interface BenchFestival {
  readonly db: Db;
  /** Deletes the event that was filled in last, of those that are left. @returns milliseconds from the command to the end of the removal */
  deleteNext(): Promise<number>;
  close(): Promise<void>;
}

export async function startBenchFestival(
  client: MongoClient,
  uri: string,
  database: string,
  ...parts: readonly Seeding[]
): Promise<BenchFestival> {
  const db = client.db(database);
  await db.dropDatabase();
  const env = { MONGODB_URI: uri, FESTIVAL_DATABASE: database };
  const logger = createLogger({ name: database, level: 'warn' });
  // Opens the collections, and follows nothing that is filled in next.
  const opening = await startService(festivalService, readServiceConfig(festivalService, env), logger);
  await opening.app.close();
  await opening.close();
  const left: { readonly subject: string; readonly teams: number }[] = [];
  for (const part of parts) {
    const subjects = await seedFestival(db, part);
    left.push(...subjects.map((subject) => ({ subject, teams: part.teamsOfEach })));
  }

  const arrivals = arrivalsOf<string>();
  const hear = async (events: readonly StoredEvent[]) => {
    for (const { subject, type } of events) {
      if (type === 'teamDeleted_v1') arrivals.add(type);
      if (type === 'teamEventRemovalCompleted_v1') arrivals.add(`${subject} ${type}`);
    }
  };
  let festival: OpenFestival | undefined;
  const measured: typeof festivalProcessor = {
    ...festivalProcessor,
    // The histories of the removals, under the name of their collection.
    hears: ['SagaEvents'],
    own(opened) {
      festival = opened;
      return { hear };
    },
  };
  const processor = await startService(measured, readServiceConfig(measured, env), logger);
  const { commands } = festival as OpenFestival;
  await within(scanMsMax, () => 'the scan of what was filled in', whenScanned(processor.app));
  return {
    db,
    async deleteNext() {
      const next = left.pop();
      if (next === undefined) throw new Error('there is no event left to delete');
      const { subject, teams } = next;
      const begun = performance.now();
      const end = `${subjectOf(removalKind, idOf(subject))} teamEventRemovalCompleted_v1`;
      const over = arrivals.when(end, 1);
      const gone = arrivals.when('teamDeleted_v1', teams);
      const causation = { correlationid: systemIds.next() };
      await execute(commands.events, teamEventDecider, { subject, command: { kind: 'delete' }, causation });
      await within(removalMsMax, () => end, over);
      const ms = performance.now() - begun;
      await within(removalMsMax, () => `news of ${arrivals.left('teamDeleted_v1')} of ${teams} deleted teams`, gone);
      return ms;
    },
    async close() {
      await processor.app.close();
      await processor.close();
    },
  };
}

/** Until the feed has compared all that was filled in with its documents. */
async function whenScanned(app: Awaited<ReturnType<typeof startService>>['app']): Promise<void> {
  while (!(await app.inject({ url: '/origin/team/newest' })).json<{ complete: boolean }>().complete) await pause(100);
}

function arrivalsOf<Key>() {
  const waiting = new Map<Key, { left: number; resolve: () => void }>();
  return {
    /** Resolves at the `times`-th arrival from now. */
    when: (key: Key, times: number) =>
      new Promise<void>((resolve) => {
        waiting.set(key, { left: times, resolve });
      }),
    /** How many of the arrivals that are waited for have not come. */
    left: (key: Key) => waiting.get(key)?.left ?? 0,
    add(key: Key): void {
      const one = waiting.get(key);
      if (!one) return;
      one.left -= 1;
      if (one.left > 0) return;
      waiting.delete(key);
      one.resolve();
    },
  };
}
