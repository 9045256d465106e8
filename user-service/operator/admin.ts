// The verbs that user-service brings to the operator's command line.
import type { AddVerb } from 'foldline/admin';
import { addAdoptVerb } from './adoption/verb.ts';
import { addIdentitiesVerb } from './import/verb.ts';

export const verbs: readonly AddVerb[] = [addIdentitiesVerb, addAdoptVerb];
