export * from './measured-store.ts';
export * from './projector-metrics.ts';
export * from './reference-metrics.ts';
export * from './shared-registry.ts';
