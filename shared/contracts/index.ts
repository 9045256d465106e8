export * from './async-api.ts';
export * from './compatibility.ts';
export * from './contract-table.ts';
export * from './extension-fields.ts';
export * from './json-schemas.ts';
export { personal, personalFieldsOf, personalMark, personalPathsIn } from './personal.ts';
export * from './registry.ts';
export * from './sagas.ts';
