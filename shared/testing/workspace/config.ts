// Where tests find their servers; set by the global setup of their Jest project.

import { seededRandom } from '../random.ts';

/** @throws Error outside the Jest projects that start a mongod */
export function testMongodbUri(env: NodeJS.ProcessEnv = process.env): string {
  const uri = env.TEST_MONGODB_URI;
  if (!uri)
    throw new Error(
      'TEST_MONGODB_URI is not set: a test that needs mongod is named *.store.test.ts and runs in the project "store".',
    );
  return uri;
}

/** How much a test does: `npm test` keeps to minutes, `npm test -- --full` (a part of `npm run soak`) does all of it. */
export function figure({ usual, full }: { usual: number; full: number }, env: NodeJS.ProcessEnv = process.env): number {
  return env.FULL_FIGURES === '1' ? full : usual;
}

/** The kills of a test file: with full figures all of them, otherwise so many as `usual`, drawn by the seed, in their order. */
export function someKills<T>(kills: readonly T[], usual: number, seed: number): T[] {
  const count = Math.min(figure({ usual, full: kills.length }), kills.length);
  const random = seededRandom(seed);
  const left = kills.map((_, i) => i);
  const drawn = Array.from({ length: count }, () => left.splice(random.below(left.length), 1)[0] as number);
  return drawn.sort((a, b) => a - b).map((i) => kills[i] as T);
}

/** The seed of a random test: `TEST_SEED` to see a run again, otherwise a new one. */
export function testSeed(env: NodeJS.ProcessEnv = process.env): number {
  return Number(env.TEST_SEED ?? Date.now() % 1_000_000);
}
