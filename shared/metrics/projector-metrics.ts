// The series of a projector and of the references that it keeps.
import { Counter, Gauge, type Registry } from 'prom-client';
import type { BatchOutcome } from '../engine/index.ts';

export interface ProjectorMetrics {
  batch(outcome: BatchOutcome, clashes?: number): void;
  /** After a try to let held subjects go on. */
  tried(subjects: number, released: number): void;
}

/** @param heldCount asked at each scrape; when it fails the gauge has no value, and the other series are shown all the same */
export function projectorMetrics(
  registry: Registry,
  projector: string,
  heldCount: () => Promise<number>,
): ProjectorMetrics {
  const labels = { projector };
  const counter = (name: string, help: string) => {
    const made = new Counter({ name, help, labelNames: ['projector'], registers: [registry] });
    made.inc(labels, 0);
    return made;
  };
  const applied = counter('foldline_events_applied_total', 'Events folded into documents');
  const repeats = counter('foldline_events_repeated_total', 'Events that were folded before and had no effect');
  const ignored = counter('foldline_events_ignored_total', 'Events of subjects that this projector does not keep');
  const passedOver = counter('foldline_messages_passed_over_total', 'Messages that say nothing to this consumer');
  const forks = counter('foldline_forks_total', 'Events that claim a version another event has; any is an alarm');
  const clashes = counter(
    'foldline_claim_clashes_total',
    'Events from around the API whose claim another subject holds',
  );
  const tries = counter('foldline_held_tries_total', 'Tries to let a held subject go on');
  const releases = counter('foldline_held_releases_total', 'Held subjects that a try released');
  const batches = counter('foldline_batches_total', 'Batches written');
  new Gauge({
    name: 'foldline_held_subjects',
    help: 'Held subjects and held offsets of topics now',
    labelNames: ['projector'],
    registers: [registry],
    async collect() {
      this.reset();
      const count = await heldCount().catch(() => undefined);
      if (count !== undefined) this.set(labels, count);
    },
  });
  return {
    batch(outcome, clashing = 0) {
      batches.inc(labels);
      applied.inc(labels, outcome.applied);
      repeats.inc(labels, outcome.repeats);
      ignored.inc(labels, outcome.ignored);
      passedOver.inc(labels, outcome.passedOver);
      forks.inc(labels, outcome.forks.length);
      clashes.inc(labels, clashing);
    },
    tried(subjects, released) {
      tries.inc(labels, subjects);
      releases.inc(labels, released);
    },
  };
}

export interface ReferenceFigures {
  readonly pending: number;
  readonly overdue: number;
  readonly removed: number;
}

/** @param counts asked at each scrape; when it fails the gauge has no values. @param countMax the cap, for the help text */
export function referenceMetrics(registry: Registry, counts: () => Promise<ReferenceFigures>, countMax: number): void {
  new Gauge({
    name: 'foldline_references',
    help: `References that are pending (overdue ones included), overdue, or lead to what was removed; each counted up to ${countMax}, over as many targets`,
    labelNames: ['state'],
    registers: [registry],
    async collect() {
      this.reset();
      const figures = await counts().catch(() => undefined);
      if (!figures) return;
      for (const state of ['pending', 'overdue', 'removed'] as const) this.set({ state }, figures[state]);
    },
  });
}
