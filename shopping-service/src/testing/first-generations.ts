// For tests of a read model alone: each model has its first generation, and nobody moves.
import { firstRecord, type Membership } from 'foldline/operations';

export const firstGenerations: Pick<Membership, 'record' | 'assertFresh'> = { record: firstRecord, assertFresh() {} };
