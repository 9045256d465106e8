// References by the state of their target, as a gauge. The labels are three words, and the figures stop at a cap.
import { Gauge, type Registry } from 'prom-client';

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
