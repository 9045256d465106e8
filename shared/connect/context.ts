// What every verb is given: its surroundings, its settings, and the few things that several of them do with both.
import { exitCodes, type Format, json, print, type Terminal } from '../terminal/index.ts';
import { type CountDocuments, type Counts, countDocuments } from './collection-counts.ts';
import type { ConnectConfig } from './config.ts';
import { type ConnectRest, connectRest } from './connect-rest.ts';
import type { ConnectorFile } from './connector-file.ts';
import { loadConnectors, type Source } from './connector-sources.ts';
import type { MongodbState } from './doctor/mongodb.ts';
import type { ConnectorHealth } from './health.ts';
import { type Brokers, kafkaTopicAdmin, type TopicAdmin } from './topics.ts';
import type { AtWorker, Targets } from './wait.ts';

export { exitCodes, json, print };

/** What a run of the command line has around it; tests pass their own. */
export interface Surroundings extends Omit<Terminal, 'rewrite' | 'stdin' | 'signal'> {
  readonly stdin?: Terminal['stdin'] | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly openTopics?: ((brokers: Brokers, limits: ConnectConfig['limits']) => Promise<TopicAdmin>) | undefined;
  readonly readMongodb?: ((uri: string, timeoutMs: number) => Promise<MongodbState>) | undefined;
  readonly countDocuments?: CountDocuments | undefined;
}

/** Surroundings and settings of one verb. */
export interface Context extends Surroundings {
  readonly config: ConnectConfig;
  readonly format: Format;
}

/** The options that several verbs have. */
export interface Flags {
  readonly yes?: boolean | undefined;
  /** Seconds that all may take. */
  readonly wait?: number | undefined;
}

export function restOf({ config, signal, stderr }: Context): ConnectRest {
  return connectRest({ url: config.connectUrl, limits: config.limits, signal, onRetry: stderr });
}

export function atWorker(context: Context): AtWorker {
  return { rest: restOf(context), limits: context.config.limits, signal: context.signal };
}

/** The context of a verb that only looks, and is not asked to wait. */
export function forALook(context: Context): Context {
  const { limits } = context.config;
  const shorter = { ...limits, retryForMs: Math.min(limits.retryForMs, limits.lookForMs) };
  return { ...context, config: { ...context.config, limits: shorter } };
}

/** How long a server may take to answer a look that does without it. */
const answerWithinMs = 2_000;

/** The context of a look that does without a server that is away. */
export function withoutPatience(context: Context): Context {
  const limits = { ...context.config.limits, retryForMs: answerWithinMs, serverErrorTries: 1, kafkaRetries: 0 };
  return { ...context, config: { ...context.config, limits }, stderr: () => {} };
}

export function sourceOf(paths: readonly string[], { stdin, config }: Context): Promise<Source> {
  return loadConnectors(paths, { stdin, secretsDir: config.secretsDir });
}

type Count = (files: readonly ConnectorFile[]) => Promise<Counts>;

/** Counts what connectors copy; undefined where it is not said where MongoDB is. */
export function counting({
  config: { mongodbUri: uri, limits },
  countDocuments: count = countDocuments,
}: Pick<Context, 'config' | 'countDocuments'>): Count | undefined {
  return uri === undefined ? undefined : (files) => count(uri, files, limits.mongodbTimeoutMs);
}

/** Opens the broker beside the worker, and closes it whatever happens. @throws `kafka-unreachable` after as many tries as the limits say */
export async function withTargets<T>(context: Context, work: (targets: Targets) => Promise<T>): Promise<T> {
  const { config, openTopics = kafkaTopicAdmin } = context;
  const topics = await openTopics(config, config.limits);
  try {
    return await work({ rest: restOf(context), topics });
  } finally {
    await topics.close();
  }
}

/** The settings with another bound: `--wait`, of connectors that are to run, or of a refill. */
export function withPatience(
  context: Context,
  waitSeconds: number | undefined,
  limit: 'healthyWithinMs' | 'refillWithinMs' = 'healthyWithinMs',
): Context {
  if (waitSeconds === undefined) return context;
  const limits = { ...context.config.limits, [limit]: waitSeconds * 1_000 };
  return { ...context, config: { ...context.config, limits } };
}

/** The exit code for what became of each thing, and for whether connectors run. */
export function codeOf(applied: readonly { readonly outcome: string }[], health: readonly ConnectorHealth[] = []) {
  if (applied.some(({ outcome }) => outcome === 'failed')) return exitCodes.error;
  return health.every(({ running }) => running) ? exitCodes.ok : exitCodes.notHealthy;
}
