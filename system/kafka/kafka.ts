// Starts one Kafka process that is broker and controller (KRaft), on loopback, with data that outlives it.
// Ready means: a client was told about the cluster. One replica of everything: it survives a killed process, not a lost disk.

import { randomBytes } from 'node:crypto';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KafkaSecurity } from 'foldline/config';
import { reasonOf } from 'foldline/engine';
import { connected } from 'foldline/kafka';
import { Kafka, logLevel } from 'kafkajs';
import { SystemFailure } from '../failure.ts';
import { runCommand } from '../processes/commands.ts';
import { choosePort } from '../processes/ports.ts';
import { type ServerHandle, type ServerPlace, startProcess } from '../processes/processes.ts';
import { whenReady } from '../processes/readiness.ts';
import { type Java, jvmArguments, propertiesText } from './java.ts';
import type { KafkaJars } from './kafka-jars.ts';

const HEAP_MB = 512;
const FORMAT_LIMIT_MS = 60_000;
const READY_LIMIT_MS = 90_000;
const STOP_GRACE_MS = 20_000;
const ANSWER_LIMIT_MS = 2_000;
const MESSAGE_LIMIT_BYTES = 2_097_152;

/** What runs, and where. */
export interface KafkaOptions extends ServerPlace {
  readonly jars: KafkaJars;
  readonly java: Java;
  /** Makes others of the broker's settings, such as a further listener that wants a login; the one on `port` has to stay. */
  readonly amend?: ((settings: BrokerSettings) => BrokerSettings) | undefined;
  /** Further arguments of the format, such as users: `--add-scram`. */
  readonly formatArgs?: readonly string[] | undefined;
}

/** What stands in `server.properties`. */
export type BrokerSettings = Readonly<Record<string, string | number | boolean>>;

/** A broker that runs. */
export interface KafkaHandle extends ServerHandle {
  readonly brokers: string;
}

/** The port that `startKafka` will use for this folder, so that a worker can be started beside the broker. */
export const kafkaPort = ({ dataDir, port }: Pick<KafkaOptions, 'dataDir' | 'port'>): Promise<number> =>
  choosePort({ what: 'Kafka', file: join(dataDir, 'port'), given: port });

/**
 * Starts the broker and resolves when it answers clients. Formats its folder at the first start only.
 *
 * @throws SystemFailure when it dies, with the end of its log, when it does not answer within 90 s, or when the given
 *   port is taken
 */
export const startKafka = async (options: KafkaOptions): Promise<KafkaHandle> => {
  const { jars, java, dataDir, logFile, pidsDir = join(dataDir, 'pids'), amend = (own) => own, signal } = options;
  await mkdir(dataDir, { recursive: true });
  const port = await kafkaPort(options);
  const controllerPort = await choosePort({ what: "Kafka's controller", file: join(dataDir, 'controller-port') });
  const settingsFile = join(dataDir, 'server.properties');
  await writeFile(settingsFile, propertiesText(amend(kafkaSettings({ dataDir, port, controllerPort }))));
  await formatOnce(options, settingsFile);
  const server = await startProcess({
    name: 'kafka',
    role: 'server',
    command: java.path,
    args: [...jvmArguments(jars.workerDir, HEAP_MB), 'kafka.Kafka', settingsFile],
    logFile,
    pidsDir,
    stopGraceMs: STOP_GRACE_MS,
  });
  const brokers = `127.0.0.1:${port}`;
  await whenReady({ server, probe: () => describeCluster(brokers), limitMs: READY_LIMIT_MS, everyMs: 100, signal });
  const { pid, exited, kill, close } = server;
  return { brokers, port, pid, exited, kill, close };
};

const formatOnce = async (options: KafkaOptions, settingsFile: string): Promise<void> => {
  const { jars, java, dataDir, formatArgs = [], signal } = options;
  const marker = join(dataDir, 'formatted');
  const formatted = await access(marker).then(
    () => true,
    () => false,
  );
  if (formatted) return;
  const format = ['kafka.tools.StorageTool', 'format', '--cluster-id', clusterId(), '--config', settingsFile];
  // A format that was killed half-way is done again; one that was finished is left as it is.
  const args = [...jvmArguments(jars.workerDir, HEAP_MB), ...format, ...formatArgs, '--ignore-formatted'];
  try {
    await runCommand({ command: java.path, args, timeoutMs: FORMAT_LIMIT_MS, signal });
  } catch (error) {
    throw new SystemFailure(`Kafka's folder ${dataDir} could not be prepared: ${reasonOf(error)}`, { cause: error });
  }
  await writeFile(marker, '');
};

/** A random id as Kafka writes them: 16 bytes in URL-safe base64, the first of which keeps it from reading as an option. */
const clusterId = (): string => {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0] ?? 0) & 0x7f;
  return bytes.toString('base64url');
};

/** The broker's settings. */
export const kafkaSettings = ({
  dataDir,
  port,
  controllerPort,
}: {
  dataDir: string;
  port: number;
  controllerPort: number;
}): BrokerSettings => ({
  'process.roles': 'broker,controller',
  'node.id': 1,
  // Voters by configuration, not in the log: the controller's port may be another at the next start.
  'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
  listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
  'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
  'controller.listener.names': 'CONTROLLER',
  'inter.broker.listener.name': 'PLAINTEXT',
  'log.dirs': join(dataDir, 'log'),
  // Topics are made by `npm run connect -- apply`, with their partitions and policies, never by a typing error.
  'auto.create.topics.enable': false,
  'num.partitions': 1,
  'default.replication.factor': 1,
  'min.insync.replicas': 1,
  'offsets.topic.replication.factor': 1,
  'offsets.topic.num.partitions': 5,
  'transaction.state.log.replication.factor': 1,
  'transaction.state.log.min.isr': 1,
  'transaction.state.log.num.partitions': 5,
  'share.coordinator.state.topic.replication.factor': 1,
  'share.coordinator.state.topic.min.isr': 1,
  'group.initial.rebalance.delay.ms': 0,
  'message.max.bytes': MESSAGE_LIMIT_BYTES,
  'replica.fetch.max.bytes': MESSAGE_LIMIT_BYTES,
  // The default takes a quarter of the heap at once.
  'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
});

/** How many brokers the cluster says it has. Throws while it does not answer. */
export const describeCluster = async (brokers: string, security: KafkaSecurity = {}): Promise<number> => {
  const kafka = new Kafka({
    clientId: 'foldline-system',
    brokers: brokers.split(',').map((each) => each.trim()),
    connectionTimeout: ANSWER_LIMIT_MS,
    requestTimeout: ANSWER_LIMIT_MS,
    retry: { retries: 0 },
    logLevel: logLevel.NOTHING,
    ...security,
  });
  const admin = kafka.admin();
  try {
    return await connected({ security }, admin, async () => (await admin.describeCluster()).brokers.length);
  } finally {
    await admin.disconnect();
  }
};
