// Goal: the in-memory store keeps the port's promises, so that what is tested on it holds on a server.
import { eventStoreContract } from '../contract/event-store-contract.ts';
import { inMemoryEventStore } from './event-store.ts';

eventStoreContract('in memory', async (options) => inMemoryEventStore(options));
