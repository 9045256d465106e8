export * from './kafka-client.ts';
export { connected, type KafkaConnection, type KafkaFeedLimits } from './kafka-client.ts';
export * from './kafka-feed.ts';
export * from './kafka-snapshots.ts';
export * from './read-message.ts';
export {
  headerTextOf,
  jsonOf,
  type MappedEvent,
  type MessageReading,
  type ReadMessage,
  type ReadMessages,
  type TopicMessage,
} from './read-message.ts';
export * from './topic-offsets.ts';
