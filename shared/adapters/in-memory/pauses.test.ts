// Goal: the in-memory pauses behave as every store of pauses does. Method: the contract.
import { pausesContract } from '../contract/pauses-contract.ts';
import { inMemoryPauses } from './pauses.ts';

pausesContract('in memory', async () => inMemoryPauses());
