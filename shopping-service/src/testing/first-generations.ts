// For tests of a read model alone: each model has its first generation, and nobody moves.
import { firstRecord, type Keeper } from 'foldline/operations';

export const firstGenerations: Pick<Keeper, 'record' | 'assertFresh'> = { record: firstRecord, assertFresh() {} };
