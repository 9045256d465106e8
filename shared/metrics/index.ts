export * from './measured-store.ts';
export * from './projector-metrics.ts';
export * from './shared-registry.ts';
