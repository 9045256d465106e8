// Resync: a read model brought up to date without the log, its routes, readiness and series.
export * from './copy-figures.ts';
export * from './own-offsets.ts';
export * from './resync.ts';
export * from './resync-ports.ts';
export * from './resync-shown.ts';
export * from './snapshot-intake.ts';
export * from './snapshots-first.ts';
export * from './topic-offsets.ts';
