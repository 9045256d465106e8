// How verifications show in the verbose readiness and in the series of a service. A difference does not make a service not ready: what it
// answers is still the newest that it has.

import { Gauge, type Registry } from 'prom-client';
import { type ReadinessCheck, withoutAddresses } from '../../http/index.ts';
import type { VerifiedModel } from './verifier.ts';

export function verificationCheck(models: readonly VerifiedModel[]): ReadinessCheck {
  const data = models.map(({ name, sourceName, equalAt, doubt, last }) => ({
    model: name,
    source: sourceName,
    equalAt: equalAt ?? null,
    doubt: doubt ? { reason: doubt.reason, since: doubt.since } : null,
    last: last ? { id: last.id, state: last.state, startedAt: last.startedAt, endedAt: last.endedAt ?? null } : null,
  }));
  return { name: 'proofs', ready: true, detail: models.map(inWords).join('; '), data };
}

function inWords({ name, equalAt, doubt, last }: VerifiedModel): string {
  const known = equalAt ? `last verified equal at ${equalAt.toISOString()}` : 'never verified equal';
  const equal = doubt ? `${known}, in doubt since ${doubt.since.toISOString()}: ${doubt.reason}` : known;
  if (last?.state === 'failed') return `${name}: ${equal}, the last try failed: ${withoutAddresses(last.detail)}`;
  return last?.state === 'different' ? `${name}: ${equal}, differs now` : `${name}: ${equal}`;
}

/** @param withinMs how long ago a model may have been verified equal. @param isPaused a pause is wanted, and makes no verification due */
export function completenessChecks(
  models: readonly VerifiedModel[],
  { withinMs, nowMs, isPaused }: { readonly withinMs: number; readonly nowMs: number; readonly isPaused: boolean },
): ReadinessCheck[] {
  return models.map((model) => {
    const { name, equalAt, doubt } = model;
    const isOld = !equalAt || nowMs - equalAt.getTime() > withinMs;
    const detail = withoutAddresses(inWords(model));
    return { name: `complete-${name}`, ready: isPaused || (!doubt && !isOld), detail };
  });
}

/** @param models asked at each scrape */
export function verificationMetrics(registry: Registry, models: () => readonly VerifiedModel[]): void {
  new Gauge({
    name: 'foldline_proved_equal_timestamp_seconds',
    help: 'When the model was last verified equal to its source, in seconds since 1970; 0 while it never was',
    labelNames: ['model'],
    registers: [registry],
    collect() {
      for (const { name, equalAt } of models()) this.set({ model: name }, (equalAt?.getTime() ?? 0) / 1000);
    },
  });
  new Gauge({
    name: 'foldline_doubts',
    help: '1 while the model may lack something although nothing shows it, 0 after it was verified equal',
    labelNames: ['model'],
    registers: [registry],
    collect() {
      for (const { name, doubt } of models()) this.set({ model: name }, doubt ? 1 : 0);
    },
  });
  new Gauge({
    name: 'foldline_proof_findings',
    help: 'What the last verification that ended found, by kind, what it repaired included',
    labelNames: ['model', 'kind'],
    registers: [registry],
    collect() {
      for (const { name, last } of models()) {
        if (!last || last.state === 'failed') continue;
        for (const [kind, count] of Object.entries(last.figures.found)) this.set({ model: name, kind }, count);
      }
    },
  });
}
