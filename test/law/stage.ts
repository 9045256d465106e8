// Plays a delivery: batches of partitions go through the real projector, tries of the retrier beside them, until everything was
// delivered. It keeps checkpoints and generations as a consumer group does: who lost a partition may still write, but moves
// no checkpoint.
import { groupBy, type HeldSubjects, kindOf, type StoredEvent } from 'foldline/engine';
import type { Bend, ByKind, Tally } from './bend.ts';
import type { Published, Step } from './delivery.ts';
import { type Course, Crash, courseOf, type Interruption } from './interruptions.ts';
import { buildParts } from './parts.ts';
import { LawBroken, type Watch } from './watch.ts';

interface Task {
  readonly course: Course;
  readonly done: Promise<void>;
  /** Whether somebody else has its partition by now. */
  readonly overtaken: () => boolean;
}

export interface Stage {
  readonly stores: ByKind;
  readonly held: HeldSubjects;
  play(step: Step): Promise<void>;
  /** Delivers the rest without faults, then wakes whoever still stands. */
  finish(): Promise<void>;
  watch: Watch | undefined;
}

const noFault: Interruption = { crashAt: undefined, pauseAt: undefined };

/**
 * @param truth every event, as its owner has it
 * @param fillsHoles whether the projector reads missing events of the shop's own subjects itself
 */
export function buildStage(
  truth: readonly StoredEvent[],
  published: Published,
  fillsHoles: boolean,
  bend: Bend,
  tally: Tally,
): Stage {
  const { partitions } = published;
  const written = async (id: string) => (bend.judgedAtTheEnd ? undefined : stage.watch?.written(id));
  const parts = buildParts(truth, published, fillsHoles, bend, written);
  const { stores, held } = parts;
  const checkpoints = partitions.map(() => 0);
  const generations = partitions.map(() => 0);
  const standing: Task[] = [];

  async function work(events: readonly StoredEvent[], course: Course): Promise<void> {
    await parts.applyOn(course)(events);
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

  /** @returns whether it ended as a killed process does */
  async function crashing(works: Promise<void>): Promise<boolean> {
    try {
      await works;
      return false;
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      tally.crashes += 1;
      return true;
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
    const overtaken = () => generations[partition] !== generation;
    tally.batches += 1;
    // What an owner stored after that is not there to be read yet.
    parts.stored(batch);
    const course = courseOf({ ...noFault, ...fault });
    if (bend.checkpoint === 'before') move();
    const done = (async () => {
      const crashed = await crashing(work(batch, course));
      const mine = !overtaken() && !withoutCheckpoint;
      if (mine && (!crashed || bend.checkpoint === 'whatever happened')) move();
    })();
    return { course, done, overtaken };
  }

  async function repair({ only, ...fault }: Step & { kind: 'repair' }): Promise<Task> {
    if ((await held.count()) > 0) tally.mendings += 1;
    const course = courseOf({ ...noFault, ...fault });
    const done = crashing(parts.repairOn(course, only)).then(() => undefined);
    return { course, done, overtaken: () => false };
  }

  async function go({ course, done, overtaken }: Task): Promise<void> {
    done.catch(() => undefined);
    const stands = await Promise.race([done.then(() => false), course.paused.then(() => true)]);
    if (!stands) return;
    tally.pauses += 1;
    standing.push({ course, done, overtaken });
  }

  async function wake(which: number): Promise<void> {
    const [task] = standing.splice(which % Math.max(1, standing.length), 1);
    if (!task) return;
    if (task.overtaken()) tally.zombies += 1;
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
      switch (step.kind) {
        case 'wake':
          return wake(step.which);
        case 'correct':
          return parts.correct();
        case 'take':
          return go(take(step));
        case 'repair':
          return go(await repair(step));
      }
    },
    async finish() {
      await drain();
      while (standing.length > 0) await wake(0);
      // One that nobody had taken over may have moved its checkpoint back, to the end of what it had replayed.
      await drain();
    },
  };
  return stage;
}
