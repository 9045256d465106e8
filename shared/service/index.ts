export * from './carry-out.ts';
export * from './command-routes.ts';
export * from './correlations.ts';
export * from './open-service.ts';
export * from './run.ts';
export * from './saga-routes.ts';
export * from './settings.ts';
export * from './topics.ts';
