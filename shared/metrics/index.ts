export * from './measured-store.ts';
export * from './projector-metrics.ts';
