// How verifications show in the verbose readiness and in the series of a service. A difference does not make a service not ready: what it
// answers is still the newest that it has.

import { Gauge, type Registry } from 'prom-client';
import { type ReadinessCheck, withoutAddresses } from '../../http/index.ts';
import type { VerifiedModel } from './verifier.ts';

export function verificationCheck(models: readonly VerifiedModel[]): ReadinessCheck {
  const data = models.map(({ name, sourceName, equalAt, last }) => ({
    model: name,
    source: sourceName,
    equalAt: equalAt ?? null,
    last: last ? { id: last.id, state: last.state, startedAt: last.startedAt, endedAt: last.endedAt ?? null } : null,
  }));
  return { name: 'proofs', ready: true, detail: models.map(inWords).join('; '), data };
}

function inWords({ name, equalAt, last }: VerifiedModel): string {
  const equal = equalAt ? `last verified equal at ${equalAt.toISOString()}` : 'not verified since the start';
  if (last?.state === 'failed') return `${name}: ${equal}, the last try failed: ${withoutAddresses(last.detail)}`;
  return last?.state === 'different' ? `${name}: ${equal}, differs now` : `${name}: ${equal}`;
}

/** @param models asked at each scrape */
export function verificationMetrics(registry: Registry, models: () => readonly VerifiedModel[]): void {
  new Gauge({
    name: 'foldline_proved_equal_timestamp_seconds',
    help: 'When the model was last verified equal to its source, in seconds since 1970; 0 while it was not since the start',
    labelNames: ['model'],
    registers: [registry],
    collect() {
      for (const { name, equalAt } of models()) this.set({ model: name }, (equalAt?.getTime() ?? 0) / 1000);
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
