export { userClaimRules } from './claim-rules.ts';
export { currentUsers, type ReadUsers, resolveUser, userSnapshots } from './members.ts';
export { type IdentityPorts, mergeIdentities, retractMerge, sidesOf } from './merge.ts';
export type { IdentityMerge } from './merge-log.ts';
export { previewOf } from './merge-routes.ts';
export { cursorOf, mergedEvents, shownBefore } from './merged-events.ts';
