// A clock for tests that stands still until it is moved by hand.
import type { Clock } from '../engine/index.ts';

export interface TestClock extends Clock {
  advance(ms: number): void;
  set(instant: Date): void;
}

export function testClock(start = new Date('2026-01-01T00:00:00.000Z')): TestClock {
  let nowMs = start.getTime();
  return {
    now: () => new Date(nowMs),
    advance(ms) {
      nowMs += ms;
    },
    set(instant) {
      nowMs = instant.getTime();
    },
  };
}
