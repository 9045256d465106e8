// Pause: a projection that an operator stops and lets go on, its status, routes, readiness and series.
export * from './feed-watch.ts';
export * from './kept-answer.ts';
export * from './lever-ports.ts';
export * from './pause-check.ts';
export * from './pause-lever.ts';
export * from './progress-checks.ts';
export * from './projection-metrics.ts';
export * from './projection-routes.ts';
export * from './projection-status.ts';
