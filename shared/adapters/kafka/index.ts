export { connected, type KafkaConnection, type KafkaFeedLimits } from './kafka-client.ts';
export * from './kafka-feed.ts';
export * from './kafka-offsets.ts';
export * from './kafka-snapshots.ts';
export * from './kafka-trouble.ts';
export * from './read-cloud-event.ts';
export {
  headerTextOf,
  jsonOf,
  type MappedEvent,
  type MessageReading,
  type ReadMessage,
  type ReadMessages,
  type TopicMessage,
} from './read-message.ts';
