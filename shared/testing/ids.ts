// Ids for tests: UUIDs of version 7 in the order they were asked for, the same ones in every run.
import { randomUUID } from 'node:crypto';
import { type Ids, subjectOf } from '../engine/index.ts';

/** @param series tells the ids of one source from those of another; 0 to 4095 */
export function testIds(series = 0): Ids {
  let count = 0;
  return {
    next() {
      count += 1;
      return `01900000-0000-7${series.toString(16).padStart(3, '0')}-8000-${count.toString(16).padStart(12, '0')}`;
    },
  };
}

/** A subject that no other test uses. */
export function newSubject(kind: string): string {
  return subjectOf(kind, randomUUID());
}
