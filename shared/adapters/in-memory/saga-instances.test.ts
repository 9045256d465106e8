// Goal: saga instances in memory behave as those on a server.
import { sagaInstancesContract } from '../contract/saga-instances-contract.ts';
import { inMemorySagaInstances } from './saga-instances.ts';

sagaInstancesContract('in memory', async () => inMemorySagaInstances());
