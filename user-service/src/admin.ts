// The verbs that user-service brings to the operator's command line.
import type { AddVerb } from '@foldline/shared/admin';

export const verbs: readonly AddVerb[] = [];
