// Plays one program and says what does not hold; undefined when all of it does.

import {
  currentUsers,
  cursorOf,
  mergedEvents,
  previewOf,
  type ReadUsers,
  resolveUser,
  shownBefore,
  sidesOf,
  userSnapshots,
} from '@foldline/user-service/identities';
import { presentUser } from '@foldline/user-service/users';
import { type EventStore, isFailure, type ProjectedDocument } from 'foldline/engine';
import { type SeededRandom, seededRandom } from 'foldline/testing';
import { expectation } from './expectation.ts';
import { historyOf, membersOf, type Person, pageOf, peopleOf, rootOf, type SeenEvent, withoutEdges } from './oracle.ts';
import { openWorld, type World } from './play.ts';
import { type Command, type Program, randomProgram } from './program.ts';

export interface Tally {
  merged: number;
  retracted: number;
  refused: number;
  raced: number;
}

const text = (value: unknown) => JSON.stringify(value);

function same(what: string, found: unknown, wanted: unknown): void {
  if (sorted(found) !== sorted(wanted)) throw new Error(`${what}\n  is      ${text(found)}\n  must be ${text(wanted)}`);
}

const sorted = (value: unknown) =>
  JSON.stringify(value, (_, part) =>
    part && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );

export function caseOf(seed: number): { readonly program: Program; readonly random: SeededRandom } {
  const random = seededRandom(seed);
  return { program: randomProgram(random), random };
}

/** What is done wrongly, so that a test shows that it would be seen. */
export interface Bend {
  readonly read?: (read: ReadUsers) => ReadUsers;
  readonly store?: (store: EventStore) => EventStore;
}

export async function faultOf(
  seed: number,
  tally: Tally,
  { read: bend = (read) => read, store }: Bend = {},
): Promise<string | undefined> {
  const { program, random } = caseOf(seed);
  const world = openWorld(program, random, store);
  try {
    for (const turn of program.turns) {
      if (turn.kind === 'clock') world.clock.advance(turn.ms);
      else if (turn.kind === 'deliver') await world.deliver(turn.users, turn.back);
      else await command(world, turn.commands, tally);
    }
    await pages(world, 'now', bend(currentUsers(world.ports)), random);
    await world.deliverAll();
    await pages(world, 'from snapshots', bend(userSnapshots(world.ports.documents)), random);
    await customers(world);
    await parted(world, bend, random);
    return undefined;
  } catch (error) {
    return `${(error as Error).stack}\n  (TEST_SEED=${seed})`;
  }
}

/** Commands, one or several at once; nothing that was is touched, and what is new is whole. */
async function command(world: World, commands: readonly Command[], tally: Tally): Promise<void> {
  const before = await world.events();
  const expected = commands.length === 1 ? expectation(world, peopleOf(before), commands[0] as Command) : undefined;
  const preview = expected === 'done' ? await previewed(world, commands[0] as Command) : undefined;
  const outcomes = await Promise.all(commands.map((one) => world.outcomeOf(one)));
  if (expected !== undefined) same(`${text(commands[0])} ended`, outcomes[0], expected);
  const after = await world.events();
  conserved(before, after);
  if (commands.length > 1) tally.raced += 1;
  for (const [i, outcome] of outcomes.entries()) {
    if (outcome !== 'done') tally.refused += 1;
    else if (commands[i]?.kind === 'merge') tally.merged += 1;
    else if (commands[i]?.kind === 'retract') tally.retracted += 1;
  }
  const people = peopleOf(after);
  for (const subject of people.keys()) rootOf(people, subject);
  if (preview) previewHeld(preview, people);
}

/** Every event from before is there as it was, and each event is there once. */
function conserved(before: readonly SeenEvent[], after: readonly SeenEvent[]): void {
  const now = new Map(after.map((event) => [event.id, travelling(event)]));
  if (now.size !== after.length) throw new Error('an event is there twice');
  for (const event of before) same(`the event ${event.subject}@${event.version}`, now.get(event.id), travelling(event));
  const edges = after.filter(({ data }) => 'mergeId' in data);
  const count = (type: string, id: unknown) =>
    edges.filter((event) => event.type === type && event.data.mergeId === id).length;
  for (const id of new Set(edges.map(({ data }) => data.mergeId))) {
    const sides = [count('userAbsorbed_v1', id), count('userMerged_v1', id), count('mergeRetracted_v1', id)];
    if (!['1,1,0', '1,1,2'].includes(sides.join())) throw new Error(`the merge ${String(id)} is half done: ${sides}`);
  }
}

/** A claim is taken off when it was given up; nothing else of an event ever changes. */
function travelling(event: SeenEvent): object {
  return { ...event, claims: undefined };
}

async function previewed(world: World, command: Command) {
  if (command.kind !== 'merge') return undefined;
  const [survivorId, absorbedId] = [command.survivor, command.absorbed].map(
    (user) => world.userIds[user % world.userIds.length] as string,
  ) as [string, string];
  return previewOf(await sidesOf(world.ports, { survivorId, absorbedId, reason: '' }));
}

/** What the preview said is what came of it. */
function previewHeld(preview: ReturnType<typeof previewOf>, people: ReadonlyMap<string, Person>): void {
  const root = `user-${preview.survivorId}`;
  const members = membersOf(people, root);
  same(
    'the members that a preview named',
    [...preview.members].sort(),
    members.map((one) => one.subject.slice(5)).sort(),
  );
  const versions = members.reduce((sum, { version }) => sum + version, 0);
  same('the events that a preview counted', preview.events.survivor + preview.events.absorbed + 2, versions);
  const page = pageOf(people, root) as { alternatives: Record<string, string[]> };
  for (const { field, winner, loser } of preview.conflicts) {
    same(`the winner of ${field}`, winner, (page as unknown as Record<string, string>)[field]);
    if (!page.alternatives[field]?.includes(loser)) throw new Error(`${field} ${loser} lost nothing`);
  }
}

/** Every page, and every history, of every user. */
async function pages(world: World, how: string, read: ReadUsers, random: SeededRandom): Promise<void> {
  const events = await world.events();
  const people = peopleOf(events);
  for (const subject of world.subjects) {
    const resolved = await resolveUser(read, subject, world.ports.membersMax);
    same(`${subject} ${how}`, shown(resolved.survivor.document, resolved.members), pageOf(people, subject));
    if (!people.has(subject)) continue;
    const members = membersOf(people, rootOf(people, subject)).map((one) => one.subject);
    const listed: string[] = [];
    let shownBy = shownBefore(members, undefined);
    for (;;) {
      const { events: page, next } = await mergedEvents(world.ports.store, shownBy, 1 + random.below(4));
      listed.push(...page.map(({ subject: of, version }) => `${of}@${version}`));
      if (!next) break;
      shownBy = shownBefore(members, cursorOf(next));
    }
    same(`the history of ${subject}`, listed, historyOf(events, members));
  }
}

function shown(document: ProjectedDocument | undefined, members: readonly ProjectedDocument[]): object | string {
  try {
    const { createdAt: _, updatedAt: __, snapshot: ___, ...page } = presentUser(document, 0, members);
    return page;
  } catch (error) {
    if (isFailure(error)) return error.code;
    throw error;
  }
}

/** The shop's copies say the same about who was merged into whom, whatever the order in which the news came. */
async function customers({ customers: documents, subjects, ...world }: World): Promise<void> {
  const people = peopleOf(await world.events());
  const copies = await documents.read(subjects);
  for (const [subject, { edge }] of people) {
    const copy = copies.get(subject) as ProjectedDocument | undefined;
    same(`the copy of ${subject}`, copy?.mergedInto, edge?.into.slice(5));
  }
}

/** All merges are taken back, in any order: everybody is as if nobody had ever been merged. */
async function parted(world: World, bend: (read: ReadUsers) => ReadUsers, random: SeededRandom): Promise<void> {
  const standing = [...world.merges.keys()];
  while (standing.length > 0) {
    const [merge] = standing.splice(random.below(standing.length), 1) as [number];
    await world.outcomeOf({ kind: 'retract', merge });
  }
  const events = await world.events();
  const people = peopleOf(events);
  const alone = peopleOf(withoutEdges(events));
  const read = bend(currentUsers(world.ports));
  for (const subject of world.subjects) {
    // Those who were deleted together stay one; there is nobody left to part.
    if (people.get(subject)?.state === 'deleted') continue;
    const { survivor, members } = await resolveUser(read, subject, world.ports.membersMax);
    const page = shown(survivor.document, members);
    const wanted = pageOf(alone, subject);
    const version = people.get(subject)?.version;
    same(`${subject} parted again`, page, typeof wanted === 'string' ? wanted : { ...wanted, version });
  }
}
