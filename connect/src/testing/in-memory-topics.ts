// Topics without a broker, for unit tests of everything above the TopicAdmin port.
import type { ActualTopic, TopicAdmin } from '../topics.ts';

export interface InMemoryTopics extends TopicAdmin {
  readonly topics: Map<string, ActualTopic>;
}

export function inMemoryTopics(): InMemoryTopics {
  const topics = new Map<string, ActualTopic>();
  return {
    topics,
    describe: async (names) => new Map([...topics].filter(([name]) => names.includes(name))),
    async create({ name, partitions, config }) {
      topics.set(name, { partitions, replicas: 1, config, ownConfig: config });
    },
    async alter(name, config, reset = []) {
      const before = topics.get(name);
      const kept = (those: ActualTopic['config'] = {}) =>
        Object.fromEntries(Object.entries(those).filter(([key]) => !reset.includes(key)));
      topics.set(name, {
        ...{ partitions: before?.partitions ?? 1, replicas: before?.replicas ?? 1 },
        ...{ config: { ...kept(before?.config), ...config }, ownConfig: { ...kept(before?.ownConfig), ...config } },
      });
    },
    close: async () => {},
  };
}
