// Goal: held subjects in memory behave as those on a server.
import { heldSubjectsContract } from '../contract/held-subjects-contract.ts';
import { inMemoryHeldSubjects } from './held-subjects.ts';

heldSubjectsContract('in memory', async () => inMemoryHeldSubjects());
