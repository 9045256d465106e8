// What serves the tests of this repository alone. It is no part of the package.
export * from './config.ts';
export * from './hostile-text.ts';
export * from './kept-output.ts';
export * from './local-server.ts';
export * from './lossy-proxy.ts';
export * from './play-examples.ts';
export * from './remedies.ts';
export * from './test-database.ts';
export * from './unchecked-insert.ts';
export * from './verification.ts';
export * from './whole-database.ts';
