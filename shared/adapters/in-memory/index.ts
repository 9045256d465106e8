export * from './copies.ts';
export * from './documents.ts';
export * from './event-store.ts';
export * from './generation.ts';
export * from './held-subjects.ts';
export * from './model-store.ts';
export * from './pauses.ts';
export * from './saga-instances.ts';
