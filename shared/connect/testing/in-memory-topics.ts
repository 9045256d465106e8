// Topics without a broker, for unit tests of everything above the TopicAdmin port.
import type { ActualTopic, TopicAdmin } from '../topics.ts';

export interface InMemoryTopics extends TopicAdmin {
  readonly topics: Map<string, ActualTopic>;
  /** How many records came into each topic; none into one that is not named. */
  readonly records: Map<string, number>;
}

export function inMemoryTopics(): InMemoryTopics {
  const topics = new Map<string, ActualTopic>();
  const records = new Map<string, number>();
  const existing = async (names: readonly string[]) => new Set(names.filter((name) => topics.has(name)));
  return {
    topics,
    records,
    existing,
    lengths: async (names) => new Map([...(await existing(names))].map((name) => [name, records.get(name) ?? 0])),
    describe: async (names) => new Map([...topics].filter(([name]) => names.includes(name))),
    async create({ name, partitions, config }) {
      topics.set(name, { partitions, replicas: 1, config, ownConfig: config });
    },
    async alter(name, config, reset = []) {
      const before = topics.get(name);
      const kept = (those: ActualTopic['config'] = {}) =>
        Object.fromEntries(Object.entries(those).filter(([key]) => !reset.includes(key)));
      topics.set(name, {
        partitions: before?.partitions ?? 1,
        replicas: before?.replicas ?? 1,
        config: { ...kept(before?.config), ...config },
        ownConfig: { ...kept(before?.ownConfig), ...config },
      });
    },
    close: async () => {},
  };
}
