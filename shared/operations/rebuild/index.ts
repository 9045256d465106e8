// Rebuild: a new generation of a read model beside the live one, the switchover between the two, routes and series.
export * from './compare.ts';
export * from './generation-documents.ts';
export * from './generation-metrics.ts';
export * from './membership.ts';
export * from './merge-join.ts';
export * from './model-record.ts';
export * from './model-routes.ts';
export * from './model-store.ts';
export * from './rebuilds.ts';
export * from './rebuilt-model.ts';
export * from './switchover.ts';
