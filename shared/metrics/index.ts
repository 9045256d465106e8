export * from './generation-metrics.ts';
export * from './measured-store.ts';
export * from './projection-metrics.ts';
export * from './projector-metrics.ts';
export * from './proof-metrics.ts';
export * from './reference-metrics.ts';
export * from './resync-metrics.ts';
export * from './shared-registry.ts';
