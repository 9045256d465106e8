// The instances of a saga on MongoDB: documents that are also found by when they are due, and, for conversations, by their members.
import type { Collection } from 'mongodb';
import type { ConversationInstances, ProjectedDocument, StoredDocument } from '../../../engine/index.ts';
import { mongoDocuments } from './documents.ts';

/** @param collection opened in the form of `sagaInstancesForm` */
export function mongoSagaInstances(collection: Collection<StoredDocument>): ConversationInstances {
  return {
    ...mongoDocuments(collection),
    async due(now, limit) {
      // The type is named so that the partial index may be used.
      const due = { $type: 'string' as const, $lte: now.toISOString() };
      const found = await collection
        .find({ 'data.progress.dueAt': due }, { projection: { _id: 1 } })
        .sort({ 'data.progress.dueAt': 1, _id: 1 })
        .limit(limit)
        .toArray();
      return found.map(({ _id }) => _id);
    },
    async conversationsOf(subjects) {
      const wanted = new Set(subjects);
      const found = await collection
        .find({ 'data.members': { $in: [...subjects] } }, { projection: { 'data.members': 1 } })
        .sort({ _id: 1 })
        .toArray();
      const conversations = new Map<string, string[]>();
      for (const { _id, data } of found as unknown as Pick<ProjectedDocument, '_id' | 'data'>[]) {
        for (const member of (data as { members: string[] }).members.filter((one) => wanted.has(one)))
          conversations.set(member, [...(conversations.get(member) ?? []), _id]);
      }
      return conversations;
    },
  };
}
