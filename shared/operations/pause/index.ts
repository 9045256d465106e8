// Pause: a projection that an operator stops and lets go on, its status, routes, readiness and series.

export * from './feed-watch.ts';
export * from './pause-gate.ts';
export * from './projection-checks.ts';
export * from './projection-ports.ts';
export * from './projection-routes.ts';
export * from './projection-status.ts';
