// Held subjects: who tries them again, the routes that show and retry them, and how they show in readiness.
export * from './held-routes.ts';
export * from './retrier.ts';
export * from './retry-ports.ts';
