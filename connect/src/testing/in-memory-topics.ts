// Topics without a broker, for unit tests of everything above the TopicAdmin port.
import type { ActualTopic, TopicAdmin } from '../topics.ts';

export function inMemoryTopics(): TopicAdmin & { readonly topics: Map<string, ActualTopic> } {
  const topics = new Map<string, ActualTopic>();
  return {
    topics,
    describe: async (names) => new Map([...topics].filter(([name]) => names.includes(name))),
    async create({ name, partitions, config }) {
      topics.set(name, { partitions, config, ownConfig: config });
    },
    async alter(name, config) {
      const before = topics.get(name);
      const merged = { ...before?.config, ...config };
      topics.set(name, { partitions: before?.partitions ?? 1, config: merged, ownConfig: merged });
    },
    close: async () => {},
  };
}
