// The law: whatever the delivery, the documents end the same, byte for byte, as a plain fold of what happened makes them, and
// read the same where they are joined: references in the ledger, customers that were merged.
// A case is a world and a delivery, both from one seed; it holds, or says what was broken.
import { seededRandom } from 'foldline/testing';
import type { Bend, Tally } from './bend.ts';
import { type Delivery, publish, randomDelivery } from './delivery.ts';
import { eventsOfLife, type World } from './lives.ts';
import { askOracle, type Ending, endingOf, repairedEndingOf } from './oracle.ts';
import { ownedByShop } from './shop.ts';
import { buildStage, type Stage } from './stage.ts';
import { LawBroken, watchOver } from './watch.ts';
import { randomWorld } from './world.ts';

export interface Case {
  readonly world: World;
  readonly delivery: Delivery;
}

export function caseOf(seed: number): Case {
  const random = seededRandom(seed);
  // Neighbouring seeds begin alike; a few draws set them apart.
  for (let draws = 0; draws < 4; draws += 1) random.next();
  const world = randomWorld(random);
  return { world, delivery: randomDelivery(world, random) };
}

export const emptyTally = (): Tally => ({
  batches: 0,
  crashes: 0,
  pauses: 0,
  zombies: 0,
  holds: 0,
  mendings: 0,
  merged: 0,
});

/** @returns what was broken, or undefined when the law holds; @throws what is no fault of the documents */
export async function faultOf(
  { world, delivery }: Case,
  bend: Bend = {},
  tally: Tally = emptyTally(),
): Promise<string | undefined> {
  try {
    await play(world, delivery, bend, tally);
    return undefined;
  } catch (error) {
    if (error instanceof LawBroken) return error.message;
    throw error;
  }
}

async function play(world: World, delivery: Delivery, bend: Bend, tally: Tally): Promise<void> {
  const { zombies, crashes } = tally;
  const published = publish(world, delivery);
  const oracle = askOracle(world);
  const truth = world.flatMap(eventsOfLife);
  const stage = buildStage(truth, published, delivery.owner, bend, tally);
  const watch = watchOver(stage.stores, oracle, bend.identities, tally);
  stage.watch = watch;
  for (const step of delivery.steps) await stage.play(step);
  await stage.finish();
  if (delivery.steps.some(({ kind }) => kind === 'repair' || kind === 'correct')) {
    // A retrier never stops: what it left when it was cut, its next try finds.
    await stage.play({ kind: 'repair' });
    const corrected = delivery.steps.some(({ kind }) => kind === 'correct');
    await settled(repairedEndingOf(oracle, corrected ? new Set() : published.broken), false);
  } else {
    const ending = endingOf(oracle, published, (event) => delivery.owner && ownedByShop(event));
    await settled(ending, tally.zombies > zombies && tally.crashes > crashes);
  }
  if (!delivery.release) return;
  await stage.play({ kind: 'correct' });
  await stage.play({ kind: 'repair' });
  await settled(repairedEndingOf(oracle, new Set()), false);

  async function settled(ending: Ending, zombieDied: boolean): Promise<void> {
    await watch.compare(ending);
    await assertHeld(stage, ending, zombieDied);
  }
}

/**
 * Whatever waits is shown as held for the highest version that came, and nothing else is. But for one: a zombie that dies
 * between holding a subject and looking whether others brought it further repeats nothing, for it has lost its partition.
 * The next event of that subject, or the retrier's next try, lets it go.
 */
async function assertHeld({ held }: Stage, ending: Ending, zombieDied: boolean): Promise<void> {
  const shown = new Map((await held.list(1000)).map(({ key, seenVersion }) => [key, seenVersion]));
  for (const subject of new Set([...shown.keys(), ...ending.held.keys()])) {
    const [is, mustBe] = [shown.get(subject), ending.held.get(subject)];
    if (is === mustBe || (zombieDied && mustBe === undefined)) continue;
    throw new LawBroken(`${subject} is held for version ${is ?? 'none'} and must be for ${mustBe ?? 'none'}`);
  }
}
