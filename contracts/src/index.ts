// What this system's services say to each other: event types, the snapshot of a user, and the topics in which they travel.
export * from './catalogue.ts';
export * from './documents.ts';
export * from './orders.ts';
export * from './topics.ts';
export * from './user-form.ts';
export * from './user-snapshot.ts';
export * from './users.ts';
