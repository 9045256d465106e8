// The servers for machines without Docker: found or fetched, started, watched and ended.
// Used by `npm start` and by every test that needs a real server.
export {
  kafkaLogin,
  type RuntimeSettings,
  runtimeSettings,
  type SecretSetting,
  secretSettings,
  serverEnvironment,
  withoutSecrets,
} from './config.ts';
export { startConnectWorker, type WorkerHandle, type WorkerOptions, workerSettings } from './connect-worker.ts';
export { type DataFolders, dataFolders } from './data-folder.ts';
export { RuntimeFailure } from './failure.ts';
export { type Example, printExamples, runInForeground } from './foreground.ts';
export { findJava, findMaven, type Java } from './java.ts';
export { type BrokerSettings, type KafkaHandle, type KafkaOptions, kafkaSettings, startKafka } from './kafka.ts';
export { kafkaAvailability } from './kafka-and-connect.ts';
export { assembledJars, assembleJars, type KafkaJars } from './kafka-jars.ts';
export { logTail } from './log-tail.ts';
export { type MongodHandle, type MongodOptions, startMongod } from './mongod.ts';
export { findMongod, type MongodBinary, type MongodSearch } from './mongod-binary.ts';
export { type EndedOrphan, endOrphans } from './orphans.ts';
export type { ProcessRole } from './pid-files.ts';
export { choosePort, freePort, isPortFree } from './ports.ts';
export { type ProcessEnd, type ProcessSpec, type RunningProcess, startProcess } from './processes.ts';
export { type Readiness, whenReady } from './readiness.ts';
export { type Servers, type ServersOptions, startServers } from './servers.ts';
export { type ServiceHandle, startService } from './services.ts';
export { type ServiceSpec, type Stack, type StackOptions, startStack } from './stack.ts';
export type { Step } from './steps.ts';
export { type ReadyLine, type System, type SystemOptions, startSystem } from './system.ts';
