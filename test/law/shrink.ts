// Makes a failing case small: leaves out events, publishings and steps, as many as it can while the case still fails.
// The number of tries is bounded; a case that is not the smallest is still a case that fails.
import { type Delivery, publish, type Step } from './delivery.ts';
import type { Case } from './law.ts';

const triesMax = 3000;

export async function shrunk(failing: Case, fails: (one: Case) => Promise<boolean>): Promise<Case> {
  let best = failing;
  let tries = 0;
  let smaller = true;
  const keep = async (one: Case): Promise<boolean> => {
    tries += 1;
    if (tries > triesMax || !(await fails(one))) return false;
    best = one;
    smaller = true;
    return true;
  };
  while (smaller && tries < triesMax) {
    smaller = false;
    for (const part of partsOf(best)) await shorten(part, () => best, keep);
    for (const simpler of simplerSteps) {
      for (let i = 0; i < best.delivery.steps.length; i += 1) {
        const step = simpler(best.delivery.steps[i] as Step);
        if (step)
          await keep(withDelivery(best, { steps: best.delivery.steps.map((one, n) => (n === i ? step : one)) }));
      }
    }
    if (best.delivery.owner) await keep(withDelivery(best, { owner: false }));
    if (best.delivery.release) await keep(withDelivery(best, { release: false }));
  }
  return best;
}

/** The partitions, the batches and what happens to them, one line each. */
export function describeCase({ world, delivery }: Case): string {
  const { partitions, broken } = publish(world, delivery);
  const short = (subject: string) => subject.replace(/-.*-0*/, '-');
  const lines = partitions.map((entries, i) => {
    const texts = entries.map(
      (event) => `${short(event.subject)}@${event.version} ${event.type} ${JSON.stringify(event.data)}`,
    );
    return [`partition ${i}:`, ...texts].join('\n    ');
  });
  const steps = delivery.steps.map((step) => `step ${JSON.stringify(step)}`);
  const unread = [...broken].map((place) => `unreadable ${short(place)}`);
  return [...lines, ...unread, ...steps, `owner ${delivery.owner}, release ${delivery.release}`].join('\n  ');
}

/** A list inside a case: how it is read, and the case with another list in its place. */
interface Part {
  length(one: Case): number;
  without(one: Case, from: number, count: number): Case;
}

async function shorten(part: Part, best: () => Case, keep: (one: Case) => Promise<boolean>): Promise<void> {
  for (let count = part.length(best()); count >= 1; count = Math.floor(count / 2)) {
    for (let from = 0; from < part.length(best()); ) {
      if (!(await keep(part.without(best(), from, count)))) from += count;
    }
  }
}

function partsOf({ world, delivery }: Case): Part[] {
  const steps: Part = {
    length: (one) => one.delivery.steps.length,
    without: (one, from, count) => withDelivery(one, { steps: cut(one.delivery.steps, from, count) }),
  };
  const partitions = delivery.partitions.map(
    (_, i): Part => ({
      length: (one) => one.delivery.partitions[i]?.length ?? 0,
      without: (one, from, count) =>
        withDelivery(one, {
          partitions: one.delivery.partitions.map((all, n) => (n === i ? cut(all, from, count) : all)),
        }),
    }),
  );
  const lives = world.map(
    (_, i): Part => ({
      length: (one) => one.world[i]?.events.length ?? 0,
      without: (one, from, count) => ({
        ...one,
        world: one.world.map((life, n) => (n === i ? { ...life, events: cut(life.events, from, count) } : life)),
      }),
    }),
  );
  return [steps, ...lives, ...partitions];
}

/** Each makes a step harmless in one way, or says that there is nothing to do. */
const simplerSteps: readonly ((step: Step) => Step | undefined)[] = (
  ['crashAt', 'pauseAt', 'back', 'withoutCheckpoint', 'only'] as const
).map((option) => (step) => {
  if (!(option in step)) return undefined;
  return Object.fromEntries(Object.entries(step).filter(([name]) => name !== option)) as unknown as Step;
});

function withDelivery(one: Case, parts: Partial<Delivery>): Case {
  return { ...one, delivery: { ...one.delivery, ...parts } };
}

function cut<T>(all: readonly T[], from: number, count: number): T[] {
  return all.filter((_, i) => i < from || i >= from + count);
}
