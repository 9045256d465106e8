// How pause and progress of a projection show in the verbose readiness and in the series of a service.
// A pause does not make a service not ready, because an operator wanted the pause; a stalled source does.

import { Gauge, type Registry } from 'prom-client';
import { type ReadinessCheck, withoutAddresses } from '../../http/index.ts';
import type { ProgressReport } from '../../running/index.ts';
import type { PauseGate } from './pause-gate.ts';
import type { ProjectionStatus } from './projection-ports.ts';
import type { RunningProjection } from './projection-status.ts';

export function pauseCheck({
  name,
  current,
  reasons,
}: Pick<PauseGate, 'name' | 'current' | 'reasons'>): ReadinessCheck {
  const why = reasons();
  const detail = why.length > 0 ? why.map((one) => withoutAddresses(one)).join('; ') : `${name} is not paused`;
  return { name: 'pause', ready: true, detail, data: current() ?? null };
}

/** How many held subjects, clashes and the like an answer lists at most. */
export const shownMax = 100;

/** @param isAnswerNeeded also of a source that is another service: whether this one can work, it does not say */
export function progressChecks(reports: readonly ProgressReport[], isAnswerNeeded = false): ReadinessCheck[] {
  return reports.map(({ source, foreign, state, detail }) => {
    const ready = state !== 'stalled' && (state !== 'unknown' || (foreign && !isAnswerNeeded));
    return { name: source, ready, detail: `${state}: ${detail}` };
  });
}

/** Asked at each scrape; what is not known has no value. */
export function projectionMetrics(
  registry: Registry,
  { name, status }: Pick<RunningProjection, 'name' | 'status'>,
): void {
  const gauge = <Label extends string>(
    given: { readonly name: string; readonly help: string; readonly labelNames: readonly Label[] },
    show: (gauge: Gauge<Label>, now: ProjectionStatus) => void,
  ) =>
    new Gauge({
      ...given,
      registers: [registry],
      async collect() {
        this.reset();
        const now = await status().catch(() => undefined);
        if (now) show(this, now);
      },
    });
  gauge(
    {
      name: 'foldline_gap_events',
      help: 'The number of stored events that are not folded, counted up to a bound',
      labelNames: ['projector', 'source'],
    },
    (it, { sources }) => {
      for (const { name: source, gap } of sources) if (gap) it.set({ projector: name, source }, gap.events);
    },
  );
  gauge(
    {
      name: 'foldline_lag_seconds',
      help: 'How long the oldest event that waits in this process has waited',
      labelNames: ['projector'],
    },
    (it, { lagMs }) => {
      if (lagMs !== undefined) it.set({ projector: name }, lagMs / 1000);
    },
  );
  gauge(
    {
      name: 'foldline_projection_paused',
      help: '1 while an operator has paused the projection, else 0',
      labelNames: ['projector'],
    },
    (it, { pause }) => it.set({ projector: name }, pause ? 1 : 0),
  );
}
