// What a festival's store says, folded by itself: nothing of the example or the engine takes part. Where every team is, who was
// deleted from which event and by which conversation, and what each removal said last.
import type { Db } from 'mongodb';

interface Fact {
  readonly subject: string;
  readonly version: number;
  readonly type: string;
  readonly correlationid?: string;
  readonly data: { readonly teamEventId?: string; readonly count?: number };
}

export interface TeamStory {
  readonly id: string;
  /** The event that it is or was last in. */
  eventId: string;
  /** The conversation of each deletion. */
  readonly deletions: string[];
}

export interface FestivalStory {
  readonly teams: readonly TeamStory[];
  /** Of each deleted event the conversation of its deletion. */
  readonly deletedEvents: ReadonlyMap<string, string>;
  /** Of each removal its facts, without the stem and the version of their types. */
  readonly removals: ReadonlyMap<string, readonly { readonly what: string; readonly count: number | undefined }[]>;
}

/** @throws Error when versions of a subject are not 1, 2, 3 … */
export async function storyOf(db: Db): Promise<FestivalStory> {
  const [festival, sagas] = await Promise.all(['FestivalEvents', 'SagaEvents'].map((name) => factsIn(db, name)));
  const teams = new Map<string, TeamStory>();
  const deletedEvents = new Map<string, string>();
  for (const { subject, type, correlationid = '', data } of festival ?? []) {
    const id = subject.slice(-36);
    if (type === 'teamEventDeleted_v1') deletedEvents.set(id, correlationid);
    if (!subject.startsWith('team-') || subject.startsWith('team-event-')) continue;
    const team = teams.get(id) ?? { id, eventId: '', deletions: [] };
    teams.set(id, team);
    if (data.teamEventId !== undefined) team.eventId = data.teamEventId;
    if (type === 'teamDeleted_v1') team.deletions.push(correlationid);
  }
  const removals = new Map<string, { what: string; count: number | undefined }[]>();
  for (const { subject, type, data } of sagas ?? []) {
    const said = removals.get(subject.slice(-36)) ?? [];
    removals.set(subject.slice(-36), [
      ...said,
      { what: type.replace(/^teamEventRemoval|_v\d+$/g, ''), count: data.count },
    ]);
  }
  return { teams: [...teams.values()], deletedEvents, removals };
}

async function factsIn(db: Db, collection: string): Promise<Fact[]> {
  const facts = await db.collection<Fact>(collection).find().sort({ subject: 1, version: 1 }).toArray();
  facts.forEach(({ subject, version }, i) => {
    const before = facts[i - 1]?.subject === subject ? (facts[i - 1]?.version ?? 0) : 0;
    if (version !== before + 1) throw new Error(`${subject} goes from version ${before} to ${version}`);
  });
  return facts;
}
