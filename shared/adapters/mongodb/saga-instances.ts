// The instances of a saga on MongoDB: documents with an index on when they are due, and, for conversations, on their members.
import type { Collection } from 'mongodb';
import type { ConversationInstances, ProjectedDocument, StoredDocument } from '../../engine/index.ts';
import { mongoDocuments } from './documents.ts';

/** Creates the indexes when they are missing. */
export async function openSagaInstances(collection: Collection<StoredDocument>): Promise<ConversationInstances> {
  await collection.createIndexes([
    // Most instances have ended and are never due again.
    {
      key: { 'data.progress.dueAt': 1, _id: 1 },
      name: 'due',
      partialFilterExpression: { 'data.progress.dueAt': { $type: 'string' } },
    },
    { key: { state: 1, _id: 1 }, name: 'state_id' },
    { key: { 'data.members': 1 }, name: 'members', sparse: true },
  ]);
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
