// A load of stored events, a few at a time, for as long as somebody needs it: one random world after another, each life spread
// over the whole of its world, so that whatever is disturbed meanwhile meets subjects in the middle of their lives.
import { setTimeout as pause } from 'node:timers/promises';
import type { SeededRandom } from 'foldline/testing';
import { insertEvents } from './event-inserts.ts';
import type { TestSystem } from './test-system.ts';
import { interleaved, type Life, type WorldEvent, type WorldSize, worldOf } from './world.ts';

export interface LoadOptions {
  readonly size: WorldSize;
  readonly random: SeededRandom;
  readonly eventsAtOnce: number;
  /** The pace: between one insert and the next. */
  readonly everyMs: number;
}

export interface Load {
  /** Subjects of the first world, those with the longest lives first. */
  readonly subjects: readonly string[];
  /** Inserts until `enough` says so. @throws Error when it does not within `limitMs` */
  runUntil(what: string, limitMs: number, enough: () => boolean): Promise<void>;
  /** Inserts what is left of the world, so that every life is whole. */
  finish(): Promise<void>;
}

export function loadOf(system: TestSystem, { size, random, eventsAtOnce, everyMs }: LoadOptions): Load {
  const first = worldOf(size, random);
  let left: WorldEvent[] = interleaved(first, random);

  async function insertSome(count: number): Promise<void> {
    if (left.length === 0) left = interleaved(worldOf(size, random), random);
    await insertEvents(system, left.splice(0, count));
  }

  return {
    subjects: byLength(first),
    async runUntil(what, limitMs, enough) {
      const untilMs = performance.now() + limitMs;
      while (!enough()) {
        if (performance.now() > untilMs) throw new Error(`${what}: not within ${limitMs} ms under load`);
        await insertSome(eventsAtOnce);
        await pause(everyMs);
      }
    },
    finish: () => insertEvents(system, left.splice(0)),
  };
}

function byLength(lives: readonly Life[]): string[] {
  return [...lives].sort((a, b) => b.length - a.length).map(([first]) => (first as WorldEvent).subject);
}
