// Stores the events of an export, each on the stream of the person it names. A line whose claim is held is there already: by this
// import when the holder has this line's id, else as a repeat of another line or of another import.
import type { EventStore, StoredEvent } from 'foldline/engine';
import { type BatchLimits, inSizedBatches, storeBatch } from './batches.ts';
import type { ReadLine } from './export-lines.ts';
import { type Counting, countingFromZero, linesWithValue } from './figures.ts';
import { fileChanged } from './files.ts';
import { type Person, samenessOf } from './identity-map.ts';
import { type ActivityLine, activityClaim, activityEvent, activityIdIn, type Import } from './imported-events.ts';
import type { Activity } from './mixpanel.ts';

/** A line with where it goes and what makes it the same as another. */
interface Addressed {
  readonly line: ActivityLine;
  readonly subject: string;
  readonly claim: string;
}

interface Decided {
  readonly events: readonly StoredEvent[];
  /** Of each line whose own event is there already, the subject that has it. */
  readonly there: readonly string[];
  readonly repeats: number;
}

export interface StoredActivities {
  /** All but what was stored, which stands below. */
  readonly lines: Counting;
  /** Lines that this run stored. */
  readonly storedNow: number;
  /** Lines that an earlier run of the same import stored. */
  readonly storedBefore: number;
  /** The subjects that those were found on. */
  readonly foundOn: ReadonlySet<string>;
}

/** @param lines of the file of events, in its order @param onStored told after each batch how many lines were dealt with */
export async function storeActivities(
  store: EventStore,
  of: Import,
  people: ReadonlyMap<string, Person>,
  lines: AsyncIterable<ReadLine<Activity>[]>,
  limits: BatchLimits & { readonly triesMax: number },
  onStored: (count: number) => void,
): Promise<StoredActivities> {
  const counted = countingFromZero();
  const foundOn = new Set<string>();
  let [storedNow, storedBefore] = [0, 0];
  for await (const batch of inSizedBatches(lines, limits)) {
    const addressed = linesWithValue(counted, batch).map((line) => addressOf(of, people, line));
    let decided: Decided = { events: [], there: [], repeats: 0 };
    await storeBatch(store, limits.triesMax, async () => {
      decided = await decide(store, of, addressed);
      return decided.events;
    });
    storedNow += decided.events.length;
    storedBefore += decided.there.length;
    for (const subject of decided.there) foundOn.add(subject);
    counted.repeats += decided.repeats;
    onStored(counted.read);
  }
  return { lines: counted, storedNow, storedBefore, foundOn };
}

function addressOf(of: Import, people: ReadonlyMap<string, Person>, line: ActivityLine): Addressed {
  const person = people.get(line.value.distinctId);
  if (!person) throw fileChanged();
  return { line, subject: person.subject, claim: activityClaim(of, samenessOf(person, of.kind), line) };
}

/** Two questions, whatever the number of lines: who holds their claims, and how far their subjects are. */
async function decide(store: EventStore, of: Import, addressed: readonly Addressed[]): Promise<Decided> {
  const [holders, heads] = await Promise.all([
    store.holders([...new Set(addressed.map(({ claim }) => claim))]),
    store.heads([...new Set(addressed.map(({ subject }) => subject))]),
  ]);
  const versions = new Map(heads);
  const claimed = new Set<string>();
  const events: StoredEvent[] = [];
  const there: string[] = [];
  let repeats = 0;
  for (const { line, subject, claim } of addressed) {
    const holder = holders.get(claim);
    if (holder?.eventId === activityIdIn(of, line.number)) there.push(holder.subject);
    else if (holder || claimed.has(claim)) repeats += 1;
    else {
      const version = (versions.get(subject) ?? 0) + 1;
      versions.set(subject, version);
      claimed.add(claim);
      events.push(activityEvent(of, line, { subject, version, claim }));
    }
  }
  return { events, there, repeats };
}
