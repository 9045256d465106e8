// A random delivery of a world: what a few partitions hold, in which batches it is taken, and what goes wrong meanwhile.
// Every part may be left out and the rest still means something; that is what makes a failing delivery easy to shrink.
import type { StoredEvent } from 'foldline/engine';
import type { SeededRandom } from 'foldline/testing';
import { eventsOfLife, type World } from './lives.ts';

/** What a publisher does next: `life` is an index into the world. */
export type Publishing =
  /** The next event of a life. */
  | { readonly kind: 'next' | 'lose' | 'break'; readonly life: number }
  /** What was lost of a life first, and everything behind it again. */
  | { readonly kind: 'repair'; readonly life: number }
  /** A publisher that restarted: the last entries of the partition again. */
  | { readonly kind: 'again'; readonly entries: number };

export type Step =
  | {
      readonly kind: 'take';
      readonly partition: number;
      readonly events: number;
      /** The batch begins so many entries before the checkpoint. */
      readonly back?: number;
      /** The process ends at this point of its work: before its n-th use of a port, or between the last and the checkpoint. */
      readonly crashAt?: number;
      /** It stands still there until a later step; who takes the partition meanwhile makes it a zombie. */
      readonly pauseAt?: number;
      readonly withoutCheckpoint?: boolean;
    }
  | { readonly kind: 'wake'; readonly which: number }
  /** The retrier looks after what is held by then: all of it, or one. It can be cut as a batch can. */
  | { readonly kind: 'repair'; readonly only?: number; readonly crashAt?: number; readonly pauseAt?: number }
  /** An operator corrects what cannot be read, at its owner; what was published stays as it is. */
  | { readonly kind: 'correct' };

export interface Delivery {
  readonly partitions: readonly (readonly Publishing[])[];
  readonly steps: readonly Step[];
  /** Whether the projector can read missing events of the shop's own subjects. */
  readonly owner: boolean;
  /** Whether an operator repairs what is held at the end. */
  readonly release: boolean;
}

export interface Published {
  readonly partitions: readonly (readonly StoredEvent[])[];
  /** `<subject>@<version>` of the events whose data cannot be read until an operator corrects them. */
  readonly broken: ReadonlySet<string>;
}

export function randomDelivery(world: World, random: SeededRandom): Delivery {
  const partitions: Publishing[][] = Array.from({ length: 1 + random.below(3) }, () => []);
  const faulty = random.below(2) === 0;
  const left = world.map(({ events }, life) => ({ life, count: events.length, partition: random.pick(partitions) }));
  for (
    let open = left.filter(({ count }) => count > 0);
    open.length > 0;
    open = open.filter(({ count }) => count > 0)
  ) {
    const one = random.pick(open);
    // Bursts make batches in which one subject has several events.
    for (let burst = 1 + random.below(3); burst > 0 && one.count > 0; burst -= 1, one.count -= 1) {
      one.partition.push({ kind: faulty ? faultyKind(random) : 'next', life: one.life });
    }
    if (random.below(12) === 0) one.partition.push({ kind: 'again', entries: 1 + random.below(8) });
    if (faulty && random.below(6) === 0) one.partition.push({ kind: 'repair', life: one.life });
  }
  if (faulty)
    for (const { life, partition } of left) if (random.below(2) === 0) partition.push({ kind: 'repair', life });
  const batches = 3 + random.below(25);
  const retriers = faulty && random.below(3) > 0;
  const steps = Array.from({ length: batches }, () =>
    retriers && random.below(3) === 0 ? retrierStep(random) : randomStep(partitions.length, random),
  );
  return { partitions, steps, owner: random.below(2) === 0, release: random.below(2) === 0 };
}

function faultyKind(random: SeededRandom): 'next' | 'lose' | 'break' {
  const chance = random.below(20);
  return chance === 0 ? 'break' : chance < 4 ? 'lose' : 'next';
}

function randomStep(partitions: number, random: SeededRandom): Step {
  if (random.below(6) === 0) return { kind: 'wake', which: random.below(4) };
  const one = optionOf(random);
  return {
    kind: 'take',
    partition: random.below(partitions),
    events: 1 + random.below(random.below(3) === 0 ? 30 : 6),
    ...one(6, 'back', 1 + random.below(20)),
    ...one(3, 'crashAt', random.below(16)),
    ...one(3, 'pauseAt', random.below(12)),
    ...(random.below(10) === 0 ? { withoutCheckpoint: true } : {}),
  };
}

function retrierStep(random: SeededRandom): Step {
  if (random.below(6) === 0) return { kind: 'correct' };
  const one = optionOf(random);
  return {
    kind: 'repair',
    ...one(3, 'only', random.below(4)),
    ...one(3, 'crashAt', random.below(24)),
    // It has read all that it goes by before it writes the first document.
    ...one(2, 'pauseAt', 6 + random.below(10)),
  };
}

function optionOf(random: SeededRandom) {
  return (chances: number, name: string, value: number) => (random.below(chances) === 0 ? { [name]: value } : {});
}

/** What the partitions hold once everything was published: in each subject's order, but for what was lost and came late. */
export function publish(world: World, delivery: Delivery): Published {
  const lives = world.map((life) => ({ events: eventsOfLife(life), next: 0, lost: new Set<StoredEvent>() }));
  const broken = new Set<string>();
  const homes = new Map<number, number>();
  const partitions = delivery.partitions.map((publishings, home) => {
    const entries: StoredEvent[] = [];
    for (const one of publishings) {
      if (one.kind === 'again') {
        entries.push(...entries.slice(-one.entries));
        continue;
      }
      // A subject lives in one partition: the first that publishes anything of it.
      if (!homes.has(one.life)) homes.set(one.life, home);
      const life = lives[one.life];
      if (!life || homes.get(one.life) !== home) continue;
      if (one.kind === 'repair') entries.push(...repaired(life));
      else entries.push(...published(life, one.kind, broken));
    }
    return entries;
  });
  // What is not published yet comes at the end; only a hole keeps an event away for good.
  for (const [index, life] of lives.entries()) {
    while (life.next < life.events.length) partitions[homes.get(index) ?? 0]?.push(...published(life, 'next', broken));
  }
  return { partitions: partitions.map((entries) => entries.map((event) => asSent(event, broken))), broken };
}

interface Progress {
  readonly events: readonly StoredEvent[];
  readonly lost: Set<StoredEvent>;
  next: number;
}

function published(life: Progress, kind: 'next' | 'lose' | 'break', broken: Set<string>): StoredEvent[] {
  const event = life.events[life.next];
  if (!event) return [];
  life.next += 1;
  if (kind === 'break' && isRead(event)) broken.add(placeOf(event));
  // Nobody can miss the last one: nothing comes behind it.
  if (kind !== 'lose' || life.next === life.events.length) return [event];
  life.lost.add(event);
  return [];
}

function repaired(life: Progress): StoredEvent[] {
  const [first] = life.lost;
  if (!first) return [];
  life.lost.delete(first);
  return life.events.slice(first.version - 1, life.next).filter((event) => !life.lost.has(event));
}

/** The event as it travels: one that is broken has data that does not fit, or a version of its type that nobody knows. */
export function asSent(event: StoredEvent, broken: ReadonlySet<string>): StoredEvent {
  if (!broken.has(placeOf(event))) return event;
  // These need no data.
  const empty = /Removed|Deleted|Imported/.test(event.type);
  return empty || event.version % 2 === 0
    ? { ...event, type: `${event.type.split('_')[0]}_v9` }
    : { ...event, data: {} };
}

export function placeOf({ subject, version }: Pick<StoredEvent, 'subject' | 'version'>): string {
  return `${subject}@${version}`;
}

/** Events of a stem that nobody folds are passed over whatever they hold: they cannot break. */
function isRead({ type }: StoredEvent): boolean {
  return !/Nicknamed|IdentityAdded|activityRecorded|Pinned|Starred|Praised/.test(type);
}
