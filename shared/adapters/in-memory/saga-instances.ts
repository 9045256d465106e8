// The instances of a saga in memory, for tests.
import type { ConversationInstances, ProjectedDocument, SagaView } from '../../engine/index.ts';
import { inMemoryDocuments } from './documents.ts';

export function inMemorySagaInstances(): ConversationInstances {
  const documents = inMemoryDocuments();
  const known = new Set<string>();
  const all = async () => {
    const found = await documents.read([...known]);
    return [...found.values()].flatMap((document) => ('data' in document ? [document] : []));
  };
  const dueAt = ({ data }: ProjectedDocument) => (data as SagaView['data']).progress.dueAt;
  return {
    read: documents.read,
    async write(writes) {
      for (const write of writes) known.add('put' in write ? write.put._id : write.placeholder);
      await documents.write(writes);
    },
    async due(now, limit) {
      const due = (await all()).filter((one) => (dueAt(one) ?? '~') <= now.toISOString());
      due.sort((a, b) => ((dueAt(a) ?? '') < (dueAt(b) ?? '') ? -1 : 1));
      return due.slice(0, limit).map(({ _id }) => _id);
    },
    async conversationsOf(subjects) {
      const found = new Map<string, string[]>();
      for (const { _id, data } of await all()) {
        const { members = [] } = data as { members?: string[] };
        for (const member of members.filter((one) => subjects.includes(one)))
          found.set(member, [...(found.get(member) ?? []), _id].sort());
      }
      return found;
    },
  };
}
