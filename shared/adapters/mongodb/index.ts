export * from './backup.ts';
export * from './client.ts';
export * from './collection-forms.ts';
export * from './event-store/event-collection.ts';
export * from './event-store/event-store.ts';
export * from './event-store/folded-events.ts';
export { newestIn, storedEventsOf } from './event-store/reading.ts';
export * from './feed/catch-up.ts';
export * from './feed/change-stream-feed.ts';
export * from './feed/checkpoints.ts';
export * from './feed/count-behind.ts';
export * from './feed/watch-deletes.ts';
export * from './given-client.ts';
export * from './own-collections.ts';
export {
  type DecodedDocument,
  decodeDocument,
  decodeEvent,
  findEvents,
  findModels,
  hasLostText,
} from './raw-documents.ts';
export * from './read-model/completeness.ts';
export * from './read-model/copies.ts';
export * from './read-model/documents.ts';
export * from './read-model/generation.ts';
export * from './read-model/held-subjects.ts';
export * from './read-model/listing.ts';
export * from './read-model/model-store.ts';
export * from './read-model/own-offsets.ts';
export * from './read-model/pauses.ts';
export * from './read-model/saga-instances.ts';
export * from './server-errors.ts';
