// Resync: a read model brought up to date without the log, its routes, readiness and series.
export * from './copy-figures.ts';
export * from './figures-route.ts';
export * from './group-offsets.ts';
export * from './resync.ts';
export * from './resync-check.ts';
export * from './resync-metrics.ts';
export * from './resync-ports.ts';
export * from './snapshot-intake.ts';
export * from './snapshots-first.ts';
