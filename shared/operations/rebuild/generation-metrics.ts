// Switchovers as a series: how long this process was paused for the last one. The labels are the models of the service, so their number
// is bounded.
import { Gauge, type Registry } from 'prom-client';

export interface GenerationMetrics {
  stoodStill(model: string, ms: number): void;
}

export function generationMetrics(registry: Registry): GenerationMetrics {
  const stood = new Gauge({
    name: 'foldline_move_pause_seconds',
    help: 'How long this process was paused for the last switchover of a model',
    labelNames: ['model'],
    registers: [registry],
  });
  return { stoodStill: (model, ms) => stood.set({ model }, ms / 1000) };
}
