// For tests of services and adapters: given, when, then; clocks, ids and chance that can be had again; adapters in memory; and one
// contract suite for each port, which runs under Jest or any runner that has `describe`, `test` and `expect` as globals.
export { completenessContract } from '../adapters/contract/completeness-contract.ts';
export { copiesContract } from '../adapters/contract/copies-contract.ts';
export { documentOf, documentsContract } from '../adapters/contract/documents-contract.ts';
export { eventStoreContract } from '../adapters/contract/event-store-contract.ts';
export { heldSubjectsContract } from '../adapters/contract/held-subjects-contract.ts';
export { modelStoreContract } from '../adapters/contract/model-store-contract.ts';
export { ownOffsetsContract } from '../adapters/contract/own-offsets-contract.ts';
export { pausesContract } from '../adapters/contract/pauses-contract.ts';
export { sagaInstancesContract } from '../adapters/contract/saga-instances-contract.ts';
export { nameRule } from '../adapters/contract/things.ts';
export * from '../adapters/in-memory/index.ts';
export * from './call-app.ts';
export * from './clock.ts';
export * from './event-of.ts';
export * from './given-when-then.ts';
export * from './ids.ts';
export * from './random.ts';
export * from './silent-logger.ts';
