// Merged identities as the oracle says them: what an event does to the edges in its subject's document, and who reads as whom.
// It follows each document by itself and compares ends, sharing nothing with the engine or the services.
import type { EventDocument } from './stored-events.ts';
import type { SubjectDocument } from './test-system.ts';

type Documents = ReadonlyMap<string, SubjectDocument>;

/** What a document says of merges; each is left out where there is nothing to say. */
export interface Edges {
  readonly mergedInto?: string;
  readonly mergeId?: string;
  readonly absorbed?: readonly { readonly mergeId: string; readonly absorbedId: string }[];
}

/** One person as it reads: the survivor, everybody with the same survivor, and what they are called. */
export interface MergedPerson {
  readonly survivor: SubjectDocument;
  /** Behind each those that were merged into it, by the order of the merges. */
  readonly members: readonly SubjectDocument[];
  /** What they say, field by field, in their order, each once and none empty; undefined while the survivor is unknown. */
  readonly values: Readonly<Record<Field, readonly string[]>> | undefined;
}

type Field = 'firstName' | 'lastName' | 'email';

/** @param bothSides whether the survivor's document lists whom it absorbed */
export function edgesAfter(before: Edges, { type, data }: EventDocument, bothSides: boolean): Edges {
  const { mergedInto, mergeId, absorbed = [] } = before;
  const edge = mergedInto === undefined || mergeId === undefined ? {} : { mergedInto, mergeId };
  const listing = (list: NonNullable<Edges['absorbed']>) => (list.length > 0 ? { absorbed: list } : {});
  const others = absorbed.filter((one) => one.mergeId !== data.mergeId);
  switch (type) {
    case 'userAbsorbed_v1':
      return { mergedInto: data.survivorId, mergeId: data.mergeId, ...listing(absorbed) };
    case 'userMerged_v1':
      return bothSides
        ? { ...edge, absorbed: [...others, { mergeId: data.mergeId, absorbedId: data.absorbedId }] }
        : edge;
    case 'mergeRetracted_v1':
      return { ...(mergeId === data.mergeId ? {} : edge), ...listing(others) };
    default:
      return { ...edge, ...listing(absorbed) };
  }
}

/** @throws Error when there is no document of the survivor, whom an event names */
export function personIn(people: Documents, subject: string): MergedPerson {
  const { survivor } = wayFrom(people, subject);
  const ways = [...people.keys()].map((one) => ({ one, ...wayFrom(people, one) }));
  const members = ways
    .filter((way) => way.survivor === survivor)
    .sort((a, b) => (a.merges < b.merges ? -1 : 1))
    .map(({ one }) => people.get(one) as SubjectDocument);
  const document = documentIn(people, survivor);
  // Whoever was removed says nothing any more, but where the survivor was removed too.
  const isGone = ({ state }: SubjectDocument) => state === 'removed' || state === 'deleted';
  const naming = members.filter((one) => isGone(document) || !isGone(one));
  const said = (field: Field) => [
    ...new Set(naming.map(({ data }) => String(data?.[field] ?? '')).filter((value) => value !== '')),
  ];
  const values = { firstName: said('firstName'), lastName: said('lastName'), email: said('email') };
  return { survivor: document, members, values: document.data === undefined ? undefined : values };
}

/** The first value of a field: it wins, the others stay alternatives. */
export function winner(values: readonly string[]): string {
  return values[0] ?? '';
}

interface Way {
  readonly survivor: string;
  /** The merges from the survivor down: whoever is above comes before, and beside each other the earlier merge. */
  readonly merges: string;
}

function wayFrom(people: Documents, subject: string): Way {
  const way = [subject];
  for (;;) {
    // One who never came ends the way too; whoever asks for that one is told.
    const into = people.get(way.at(-1) as string)?.mergedInto;
    if (into === undefined) return wayOf(people, way);
    const next = `user-${into}`;
    const began = way.indexOf(next);
    // A circle, which only strangers make: the smallest of it, from wherever one comes.
    if (began >= 0) return wayOf(people, way.slice(0, way.indexOf(way.slice(began).sort()[0] as string) + 1));
    way.push(next);
  }
}

function wayOf(people: Documents, way: readonly string[]): Way {
  const [survivor = '', ...below] = [...way].reverse();
  return { survivor, merges: below.map((one) => `${documentIn(people, one).mergeId} ${one}`).join(' ') };
}

function documentIn(people: Documents, subject: string): SubjectDocument {
  const found = people.get(subject);
  if (found === undefined) throw new Error(`the oracle has no document of ${subject}, which an event names`);
  return found;
}
