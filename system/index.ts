// The servers for machines without Docker: found or fetched, started, watched and ended.
// Used by `npm start` and by every test that needs a real server.
export {
  kafkaLogin,
  type SecretSetting,
  type SystemSettings,
  secretSettings,
  serverEnvironment,
  systemSettings,
  withoutSecrets,
} from './config.ts';
export { type DataFolders, dataFolders } from './data-folder.ts';
export { SystemFailure } from './failure.ts';
export { type Example, printExamples, runInForeground } from './foreground.ts';
export { startConnectWorker, type WorkerHandle, type WorkerOptions, workerSettings } from './kafka/connect-worker.ts';
export { findJava, findMaven, type Java } from './kafka/java.ts';
export { type BrokerSettings, type KafkaHandle, type KafkaOptions, kafkaSettings, startKafka } from './kafka/kafka.ts';
export { kafkaAvailability } from './kafka/kafka-and-connect.ts';
export { assembledJars, assembleJars, type KafkaJars } from './kafka/kafka-jars.ts';
export { type MongodHandle, type MongodOptions, startMongod } from './mongodb/mongod.ts';
export { findMongod, type MongodBinary, type MongodSearch } from './mongodb/mongod-binary.ts';
export { type EndedOrphan, endOrphans } from './processes/orphans.ts';
export type { ProcessRole } from './processes/pid-files.ts';
export { choosePort, freePort, isPortFree } from './processes/ports.ts';
export { type ProcessEnd, type ProcessSpec, type RunningProcess, startProcess } from './processes/processes.ts';
export { logTail, type Readiness, whenReady } from './processes/readiness.ts';
export { type Servers, type ServersOptions, startServers } from './servers.ts';
export { type ServiceHandle, startService } from './services.ts';
export { type ServiceSpec, type Stack, type StackOptions, startStack } from './stack.ts';
export type { Step } from './steps.ts';
export { type ReadyLine, type System, type SystemOptions, startSystem } from './system.ts';
