// A festival to measure: filled as its commands and its projector would have left it, then worked on by the example's own
// processor. A deletion ends when its removal has completed; before the next one the read model has taken it up.
import { openFestival } from '@foldline/examples/festival/src/parts';
import { startWork } from '@foldline/examples/festival/src/processor';
import { removalKind } from '@foldline/examples/festival/src/remove-teams-when-event-is-removed';
import { teamEventDecider } from '@foldline/examples/festival/src/team-event';
import { serviceSettings } from 'foldline';
import { feedLimits, readSettings, systemIds } from 'foldline/config';
import { type Documents, execute, idOf, type ProjectedDocument, type StoredEvent, subjectOf } from 'foldline/engine';
import { createLogger } from 'foldline/fastify';
import { type CheckpointDocument, changeStreamFeed, mongoCheckpoints } from 'foldline/mongodb';
import type { Db, MongoClient } from 'mongodb';
import { type Seeding, seedFestival } from './festival-seed.ts';
import { within } from './within.ts';

/** The longest removal here has 20,000 teams, and takes half a minute. */
const removalMsMax = 600_000;

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
  const config = readSettings(serviceSettings, { MONGODB_URI: uri });
  const logger = createLogger({ name: database, level: 'warn' });
  const festival = await openFestival({ name: database, description: 'A bench.', config, logger }, database);
  const left: { readonly subject: string; readonly teams: number }[] = [];
  for (const part of parts) {
    const subjects = await seedFestival(festival, part);
    left.push(...subjects.map((subject) => ({ subject, teams: part.teamsOfEach })));
  }

  const arrivals = arrivalsOf<string>();
  const work = await startWork({
    ...festival,
    teams: { ...festival.teams, documents: telling(festival.teams.documents, ({ state }) => arrivals.add(state)) },
    sagas: {
      ...festival.sagas,
      documents: {
        ...festival.sagas.documents,
        ...telling(festival.sagas.documents, ({ _id, state }) => arrivals.add(`${_id} ${state}`)),
      },
    },
  });
  const feed = await changeStreamFeed({
    name: 'bench',
    source: 'festival-events',
    collection: db.collection<StoredEvent>('FestivalEvents'),
    limits: feedLimits(config),
    log: logger,
    catchUp: async () => {},
    checkpoints: mongoCheckpoints(db, db.collection<CheckpointDocument>('Checkpoints')),
  }).start(work.handle);
  return {
    db,
    async deleteNext() {
      const next = left.pop();
      if (next === undefined) throw new Error('there is no event left to delete');
      const { subject, teams } = next;
      const begun = performance.now();
      const end = `${subjectOf(removalKind, idOf(subject))} completed`;
      const over = arrivals.when(end, 1);
      const gone = arrivals.when('deleted', teams);
      const conversation = { correlationid: systemIds.next() };
      await execute(festival.events, teamEventDecider, { subject, command: { kind: 'delete' }, conversation });
      await within(removalMsMax, () => end, over);
      const ms = performance.now() - begun;
      await within(removalMsMax, () => `news of ${arrivals.left('deleted')} of ${teams} deleted teams`, gone);
      return ms;
    },
    async close() {
      await feed.close();
      await work.close();
      await festival.service.client.close();
    },
  };
}

/** Tells of each document once it is written. */
function telling(documents: Documents, tell: (document: ProjectedDocument) => void): Documents {
  return {
    read: documents.read,
    async write(writes) {
      await documents.write(writes);
      for (const write of writes) if ('put' in write) tell(write.put);
    },
  };
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
