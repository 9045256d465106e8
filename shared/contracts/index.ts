export * from './catalogue.ts';
export * from './orders.ts';
export * from './registry.ts';
export * from './sagas.ts';
export * from './user-form.ts';
export * from './user-snapshot.ts';
export * from './users.ts';
