// The tests that every event store must pass. Method: each promise of the port is tested on a real instance.
import type { EventStore } from '../../engine/index.ts';
import { appendContract } from './append-contract.ts';
import { claimsContract } from './claims-contract.ts';
import { readingContract } from './reading-contract.ts';
import { nameRule } from './things.ts';

export interface StoreUnderTest {
  readonly claimRules: readonly (typeof nameRule)[];
  readonly eventBytesMax: number;
}

export const eventBytesMax = 256 * 1024;

/** @param open called once; the tests use subjects and names of their own and share the store */
export function eventStoreContract(name: string, open: (options: StoreUnderTest) => Promise<EventStore>): void {
  describe(`event store: ${name}`, () => {
    let store: EventStore;
    beforeAll(async () => {
      store = await open({ claimRules: [nameRule], eventBytesMax });
    });
    describe('append', () => appendContract(() => store, eventBytesMax));
    describe('claims', () => claimsContract(() => store));
    describe('reading', () => readingContract(() => store));
  });
}
