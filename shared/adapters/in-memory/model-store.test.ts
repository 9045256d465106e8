// Goal and method: the in-memory store of generations passes the same contract as the real one.
import { modelStoreContract } from '../contract/model-store-contract.ts';
import { inMemoryModelStore } from './model-store.ts';

modelStoreContract('in memory', async () => inMemoryModelStore());
