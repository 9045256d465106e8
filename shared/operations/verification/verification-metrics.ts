// What verifications found, as series. Labels are the models of the service and six words.
import { Gauge, type Registry } from 'prom-client';
import type { VerifiedModel } from './verifier.ts';

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
