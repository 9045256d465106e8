export * from './async-api.ts';
export * from './compatibility.ts';
export * from './contract-table.ts';
export * from './json-schemas.ts';
export * from './registry.ts';
export * from './sagas.ts';
