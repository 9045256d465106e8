export * from './backup.ts';
export * from './catch-up.ts';
export * from './change-stream-feed.ts';
export * from './checkpoints.ts';
export * from './client.ts';
export * from './collection-forms.ts';
export * from './copies.ts';
export * from './copy-figures.ts';
export * from './count-behind.ts';
export * from './documents.ts';
export * from './event-collection.ts';
export * from './event-store.ts';
export * from './folded-events.ts';
export * from './generation.ts';
export * from './given-client.ts';
export * from './held-subjects.ts';
export * from './lever.ts';
export * from './listing.ts';
export * from './model-store.ts';
export * from './newest.ts';
export * from './own-collections.ts';
export * from './pauses.ts';
export {
  type DecodedDocument,
  decodeDocument,
  decodeEvent,
  findEvents,
  findModels,
  hasLostText,
} from './raw-documents.ts';
export { storedEventsOf } from './reading.ts';
export * from './rights.ts';
export * from './saga-instances.ts';
export * from './unavailable.ts';
export * from './watch-deletes.ts';
