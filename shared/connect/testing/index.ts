export * from './connector-text.ts';
