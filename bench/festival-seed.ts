// Fills a festival as its commands and its projector would have left it: events with fifty teams each, in the store and in the
// read model.
import { teamProjection } from '@foldline/examples/festival/src/team';
import { teamEventProjection } from '@foldline/examples/festival/src/team-event';
import { systemIds } from 'foldline/config';
import {
  type DomainEvent,
  fold,
  idOf,
  type Projection,
  type StoredDocument,
  type StoredEvent,
  subjectOf,
  type View,
} from 'foldline/engine';
import type { Collection, Db } from 'mongodb';

const eventsAtOnce = 40;

export interface Seeding {
  readonly events: number;
  readonly teamsOfEach: number;
}

/** @returns the subjects of the events */
export async function seedFestival(db: Db, { events, teamsOfEach }: Seeding): Promise<string[]> {
  const facts = db.collection<StoredEvent>('FestivalEvents');
  const subjects: string[] = [];
  for (let from = 0; from < events; from += eventsAtOnce) {
    const some = Array.from({ length: Math.min(eventsAtOnce, events - from) }, () =>
      factOf('team-event', 'teamEventCreated_v1', { title: 'Summer cup' }),
    );
    const teams = some.flatMap(({ subject }) =>
      Array.from({ length: teamsOfEach }, () =>
        factOf('team', 'teamCreated_v1', { name: nameOf(), teamEventId: idOf(subject) }),
      ),
    );
    subjects.push(...some.map(({ subject }) => subject));
    const unordered = { ordered: false };
    await facts.insertMany([...some, ...teams], unordered);
    await insertFolded(db.collection('events'), teamEventProjection, some);
    await insertFolded(db.collection('teams'), teamProjection, teams);
  }
  return subjects;
}

async function insertFolded<V extends View, E extends DomainEvent>(
  collection: Collection<StoredDocument>,
  projection: Projection<V, E>,
  facts: readonly StoredEvent[],
): Promise<void> {
  const documents = facts.map((fact) => fold(projection, undefined, [fact]).document as StoredDocument);
  await collection.insertMany(documents, { ordered: false });
}

/** No two alike, so that what lies on disk is not compressed to nothing. */
function nameOf(): string {
  return `The Foxes of ${systemIds.next().slice(-12)}`;
}

function factOf(kind: string, type: string, data: Record<string, unknown>): StoredEvent {
  return {
    specversion: '1.0',
    id: systemIds.next(),
    source: '/festival',
    type,
    subject: subjectOf(kind, systemIds.next()),
    version: 1,
    time: new Date(),
    correlationid: systemIds.next(),
    data,
  };
}
