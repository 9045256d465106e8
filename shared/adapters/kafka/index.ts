export * from './kafka-feed.ts';
