export { connected, type KafkaConnection, type KafkaFeedLimits } from './kafka-client.ts';
export * from './kafka-feed.ts';
export * from './kafka-places.ts';
export * from './kafka-snapshots.ts';
export * from './kafka-trouble.ts';
