// What a service is declared with, and what its own code names. The whole engine, the drivers' adapters, the HTTP edge and the help for
// tests have entrances of their own.
export {
  httpUrl,
  integerSetting,
  portSetting,
  readSettings,
  type Settings,
  SettingsFault,
  type SettingsTable,
  systemClock,
  systemIds,
  tokenSetting,
} from './config/index.ts';
export {
  asyncApiDocument,
  type Contracts,
  type ContractTable,
  checkStrictly,
  decoderOf,
  defineContracts,
  type EventContract,
  extensionFields,
  type LatestEvent,
  personal,
  personalFieldsOf,
  sagaContracts,
  wireSchemas,
} from './contracts/index.ts';
export {
  type ClaimRule,
  type CommandPorts,
  type Decider,
  Failure,
  idOf,
  kindOf,
  type ProjectedDocument,
  type Projection,
  subjectOf,
  type View,
} from './engine/index.ts';
export { createLogger, type HttpApp, idParams, withoutAddresses } from './http/index.ts';
export * from './kit/index.ts';
export { referenceMetrics } from './metrics/index.ts';
export {
  addBucketRoute,
  addFiguresRoute,
  type SharedForm,
  type SnapshotAsDocument,
  shownMax,
} from './operations/index.ts';
export { cachedAnswer, type HandleItems, readAtLeast, type VersionWaiters } from './running/index.ts';
