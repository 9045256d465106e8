// What other parts of the system use of the connectors: reading their files, deploying them, and keeping them running.

export type { Applied, Counts, Outcome } from './apply.ts';
export * from './apply-connectors.ts';
export { runCli } from './cli.ts';
export { countDocuments } from './collection-counts.ts';
export { defaultLimits, type Limits } from './config.ts';
export { type ConnectRest, connectRest } from './connect-rest.ts';
export { type ConnectorFile, filesThatCarry, type PlainFile, type TopicSpec } from './connector-file.ts';
export { defaultConnectorFolder, readConnectorFiles } from './connector-sources.ts';
export { type Code, catalogue } from './doctor/catalogue.ts';
export { ConnectFailure, type ConnectFailureCode, isConnectFailure } from './failure.ts';
export { type ConnectorHealth, readHealth } from './health.ts';
export { type Finding, type RuleName, rules } from './lint/rules.ts';
export { maskUri, maskUris } from './secrets.ts';
export { startedServers } from './started-servers.ts';
export * from './supervise.ts';
export type { FlowCare } from './supervise-flow.ts';
export type { TopicCare } from './supervise-topics.ts';
export { supervisionText } from './supervision-text.ts';
export { kafkaTopicAdmin, type TopicAdmin } from './topics.ts';
