// What must be so, from the list of all events alone. Shares no code with what it judges: its own fold, its own walk over the
// edges, its own order of fields and of events.

export interface SeenEvent {
  readonly id: string;
  readonly subject: string;
  readonly version: number;
  readonly type: string;
  readonly time: Date;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Person {
  readonly subject: string;
  version: number;
  state: 'absent' | 'active' | 'deleted';
  fields: Record<string, string>;
  edge: { readonly merge: string; readonly into: string } | undefined;
}

const fieldNames = ['firstName', 'lastName', 'email'];

export function peopleOf(events: readonly SeenEvent[]): Map<string, Person> {
  const people = new Map<string, Person>();
  for (const event of [...events].sort((a, b) => a.version - b.version)) {
    const { subject, data } = event;
    const person = people.get(subject) ?? { subject, version: 0, state: 'absent', fields: {}, edge: undefined };
    people.set(subject, person);
    person.version += 1;
    if (event.version !== person.version) throw new Error(`${subject} has a gap before ${event.version}`);
    if (event.type === 'userCreated_v2' || event.type === 'userImported_v1') {
      person.state = 'active';
      person.fields = { ...(data as Record<string, string>) };
    } else if (/^user(FirstName|LastName|Email)Changed_v1$/.test(event.type)) {
      if (person.state === 'absent') person.state = 'active';
      Object.assign(person.fields, data);
    } else if (event.type === 'userDeleted_v1') person.state = 'deleted';
    else if (event.type === 'userAbsorbed_v1')
      person.edge = { merge: String(data.mergeId), into: `user-${data.survivorId}` };
    else if (event.type === 'mergeRetracted_v1' && person.edge?.merge === data.mergeId) person.edge = undefined;
  }
  return people;
}

/** The way from a person to whoever stands for them. @throws Error when it goes in a circle */
export function wayUp(people: ReadonlyMap<string, Person>, subject: string): string[] {
  const way = [subject];
  for (let into = people.get(subject)?.edge?.into; into; into = people.get(into)?.edge?.into) {
    if (way.includes(into)) throw new Error(`a circle: ${[...way, into].join(' → ')}`);
    way.push(into);
  }
  return way;
}

export const rootOf = (people: ReadonlyMap<string, Person>, subject: string) => wayUp(people, subject).at(-1) as string;

/** Everybody whom `root` stands for, itself first; who was merged earlier, and with them whoever stands behind, comes first. */
export function membersOf(people: ReadonlyMap<string, Person>, root: string): Person[] {
  const person = people.get(root);
  const behind = [...people.values()]
    .filter(({ edge }) => edge?.into === root)
    .sort((a, b) => ((a.edge?.merge ?? '') < (b.edge?.merge ?? '') ? -1 : 1));
  return [...(person ? [person] : []), ...behind.flatMap(({ subject }) => membersOf(people, subject))];
}

/** What a user's page says, without times; or the code of the refusal. */
export function pageOf(people: ReadonlyMap<string, Person>, subject: string): object | string {
  if (!people.has(subject)) return 'not-found';
  const root = rootOf(people, subject);
  const survivor = people.get(root);
  if (!survivor || survivor.state === 'absent') return 'not-found';
  if (survivor.state === 'deleted') return 'deleted';
  const members = membersOf(people, root);
  const shown: Record<string, string> = {};
  const alternatives: Record<string, string[]> = {};
  for (const name of fieldNames) {
    const values = members.filter(({ state }) => state !== 'deleted').map(({ fields }) => fields[name] ?? '');
    const different = values.filter((value, i) => value !== '' && values.indexOf(value) === i);
    shown[name] = different[0] ?? '';
    if (different.length > 1) alternatives[name] = different.slice(1);
  }
  const versions = Object.fromEntries(members.map((one) => [one.subject, one.version]));
  const more = members.length > 1 ? { versions, alternatives } : {};
  return { id: root.slice('user-'.length), version: survivor.version, ...shown, ...more };
}

/** The places of all events of one identity, by time; times never run back inside a subject of our own store. */
export function historyOf(events: readonly SeenEvent[], members: readonly string[]): string[] {
  return events
    .filter(({ subject }) => members.includes(subject))
    .sort(
      (a, b) =>
        a.time.getTime() - b.time.getTime() ||
        (a.subject === b.subject ? a.version - b.version : a.subject < b.subject ? -1 : 1),
    )
    .map(({ subject, version }) => `${subject}@${version}`);
}

/** The events as they were if nobody had ever been merged, versions closed up. */
export function withoutEdges(events: readonly SeenEvent[]): SeenEvent[] {
  const next = new Map<string, number>();
  return [...events]
    .sort((a, b) => a.version - b.version)
    .filter(({ type }) => !['userAbsorbed_v1', 'userMerged_v1', 'mergeRetracted_v1'].includes(type))
    .map((event) => {
      const version = (next.get(event.subject) ?? 0) + 1;
      next.set(event.subject, version);
      return { ...event, version };
    });
}
