// What keeps a process going around the pure engine: waiting, retrying, gates, waiters, the loop of a saga, and progress.

export * from './cached-answer.ts';
export * from './crash-points.ts';
export * from './feed-gate.ts';
export * from './in-turn.ts';
export * from './progress.ts';
export * from './retrying.ts';
export * from './saga-runner.ts';
export * from './version-waiters.ts';
