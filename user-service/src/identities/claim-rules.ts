// When a claim on an event of users is no longer meant, for whoever opens their store.
import { emailClaimRule } from '../users/user.ts';
import { identityClaimRule } from './identity.ts';

export const userClaimRules = [emailClaimRule, identityClaimRule] as const;
