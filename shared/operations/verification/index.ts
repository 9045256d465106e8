// Verification: a read model compared with its source in buckets, repair of what differs, routes, readiness and series.
export * from './bucket-routes.ts';
export * from './buckets.ts';
export * from './compare.ts';
export * from './content.ts';
export * from './proof-check.ts';
export * from './proof-metrics.ts';
export * from './proof-ports.ts';
export * from './settled.ts';
export * from './verification.ts';
export * from './verification-routes.ts';
export * from './verifier.ts';
