// Plays a delivery: batches of partitions go through the real projector on ports in memory, until everything was delivered.
// It keeps checkpoints and generations as a consumer group does: who lost a partition may still write, but moves no checkpoint.
import {
  createProjector,
  type Documents,
  groupBy,
  type HeldSubjects,
  kindOf,
  type StoredEvent,
} from '@foldline/shared/engine';
import { inMemoryDocuments, inMemoryHeldSubjects } from '@foldline/shared/in-memory';
import { testClock } from '@foldline/shared/testing';
import type { Apply, Bend, ByKind, Tally } from './bend.ts';
import { asSent, type Published, type Step } from './delivery.ts';
import {
  type Course,
  Crash,
  courseOf,
  type Interruption,
  interruptedDocuments,
  interruptedHeld,
} from './interruptions.ts';
import { ownedByShop, shopProjections } from './shop.ts';
import { LawBroken, type Watch } from './watch.ts';

interface Task {
  readonly course: Course;
  readonly partition: number;
  readonly generation: number;
  readonly done: Promise<void>;
}

export interface Stage {
  readonly stores: ByKind;
  readonly held: HeldSubjects;
  play(step: Step): Promise<void>;
  /** Delivers the rest without faults, then wakes whoever still stands. */
  finish(): Promise<void>;
  /** An operator's retry: the subject's events as they are by now. */
  retry(events: readonly StoredEvent[]): Promise<void>;
  watch: Watch | undefined;
}

const noFault: Interruption = { crashAt: undefined, pauseAt: undefined };
const silent = { info() {}, warn() {}, error() {} };

/** @param missing the events an owner has, by subject; undefined without an owner */
export function buildStage(
  { partitions, broken }: Published,
  missing: ReadonlyMap<string, readonly StoredEvent[]> | undefined,
  bend: Bend,
  tally: Tally,
): Stage {
  const projections = bend.projection ? shopProjections.map(bend.projection) : shopProjections;
  const stores = new Map(projections.map(({ kind }) => [kind, bend.store?.() ?? inMemoryDocuments()]));
  const held = (bend.held ?? ((port) => port))(inMemoryHeldSubjects());
  const clock = testClock();
  const checkpoints = partitions.map(() => 0);
  const generations = partitions.map(() => 0);
  const standing: Task[] = [];

  const owner = missing && {
    async readLater(positions: ReadonlyMap<string, number>) {
      const later = [...positions].flatMap(([subject, version]) => missing.get(subject)?.slice(version) ?? []);
      return later.map((event) => asSent(event, broken));
    },
  };

  function applyOn(course: Course): Apply {
    const documents = new Map(
      [...stores].map(([kind, store]) => {
        const written = async (id: string) => stage.watch?.written(id);
        return [kind, (bend.documents ?? ((port) => port))(interruptedDocuments(store, course, written))];
      }),
    );
    const models = projections.map((projection) => ({
      projection,
      documents: documents.get(projection.kind) as Documents,
    }));
    const projector = createProjector({
      models: bend.models?.(models) ?? models,
      held: interruptedHeld(held, course),
      clock,
      log: silent,
      ...(owner ? { owner } : {}),
    });
    const apply: Apply = (events) =>
      projector.apply(events.map((event, i) => ({ source: 'law', position: `law@${i}`, event })));
    return bend.apply?.(apply, documents) ?? apply;
  }

  async function work(events: readonly StoredEvent[], course: Course): Promise<void> {
    await applyOn(course)(events);
    await assertHeld(events);
    await course.point();
  }

  /** Whoever handled a batch to its end shows as held every subject whose document is not at what came. */
  async function assertHeld(events: readonly StoredEvent[]): Promise<void> {
    for (const [subject, own] of groupBy(events, (event) => event.subject)) {
      const came = Math.max(...own.map(({ version }) => version));
      const at = (await stores.get(kindOf(subject))?.read([subject]))?.get(subject)?.version ?? 0;
      if (at >= came) continue;
      tally.holds += 1;
      const shown = (await held.among([subject])).get(subject)?.seenVersion;
      if ((shown ?? 0) < came)
        throw new LawBroken(
          `${subject} is at version ${at} of ${came} and held ${shown ? `for ${shown}` : 'by nobody'}`,
        );
    }
  }

  function take({ partition, events, back, withoutCheckpoint, ...fault }: Step & { kind: 'take' }): Task {
    const from = Math.max(0, (checkpoints[partition] ?? 0) - (back ?? 0));
    const batch = partitions[partition]?.slice(from, from + events) ?? [];
    const move = () => {
      checkpoints[partition] = from + batch.length;
    };
    const generation = (generations[partition] ?? 0) + 1;
    generations[partition] = generation;
    tally.batches += 1;
    const course = courseOf({ ...noFault, ...fault });
    if (bend.checkpoint === 'before') move();
    const done = (async () => {
      const crashed = await work(batch, course).then(
        () => false,
        (error: unknown) => {
          if (!(error instanceof Crash)) throw error;
          tally.crashes += 1;
          return true;
        },
      );
      const mine = generations[partition] === generation && !withoutCheckpoint;
      if (mine && (!crashed || bend.checkpoint === 'whatever happened')) move();
    })();
    done.catch(() => undefined);
    return { course, partition, generation, done };
  }

  async function wake(which: number): Promise<void> {
    const [task] = standing.splice(which % Math.max(1, standing.length), 1);
    if (!task) return;
    if (generations[task.partition] !== task.generation) tally.zombies += 1;
    task.course.wake();
    await task.done;
  }

  async function drain(): Promise<void> {
    for (const [partition, entries] of partitions.entries()) {
      while ((checkpoints[partition] ?? 0) < entries.length) await stage.play({ kind: 'take', partition, events: 7 });
    }
  }

  const stage: Stage = {
    stores,
    held,
    watch: undefined,
    async play(step) {
      if (step.kind === 'wake') return wake(step.which);
      const task = take(step);
      const stands = await Promise.race([task.done.then(() => false), task.course.paused.then(() => true)]);
      if (!stands) return;
      tally.pauses += 1;
      standing.push(task);
    },
    async finish() {
      await drain();
      while (standing.length > 0) await wake(0);
      // One that nobody had taken over may have moved its checkpoint back, to the end of what it had replayed.
      await drain();
    },
    async retry(events) {
      await work(events, courseOf(noFault));
    },
  };
  return stage;
}

/** What the shop can read of its own subjects. */
export function ownedBy(events: readonly StoredEvent[]): ReadonlyMap<string, readonly StoredEvent[]> {
  return groupBy(events.filter(ownedByShop), (event) => event.subject);
}
