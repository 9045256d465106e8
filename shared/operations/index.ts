// The five operations on a read model. Each folder holds one of them: its ports, its logic, its routes, its check of readiness, its series.
export * from './held/index.ts';
export * from './pause/index.ts';
export * from './rebuild/index.ts';
export * from './resync/index.ts';
export * from './verification/index.ts';
