// Verification: a read model compared with its source in buckets, repair of what differs, routes, readiness and series.

export * from './arrived.ts';
export * from './bucket-routes.ts';
export * from './buckets.ts';
export * from './compare.ts';
export * from './completeness.ts';
export * from './content.ts';
export * from './verification.ts';
export * from './verification-ports.ts';
export * from './verification-routes.ts';
export * from './verification-shown.ts';
export * from './verifier.ts';
