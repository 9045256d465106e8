// The whole deployment as one call, for `npm start` and the tests: read the files, compare, apply, wait.
// It promises that afterwards every topic exists and every connector and task runs, or throws the sentence that says why not.
import type { KafkaSecurity } from '../config/index.ts';
import { type ApplyResult, applyChanges } from './apply.ts';
import { countDocuments } from './collection-counts.ts';
import { readConfig } from './config.ts';
import { connectRest } from './connect-rest.ts';
import { type ConnectorFile, refuseErrors } from './connector-file.ts';
import { loadConnectors } from './connector-sources.ts';
import { ConnectFailure, listed } from './failure.ts';
import { type Counts, countOutcomes } from './outcome.ts';
import { survey } from './survey.ts';
import { kafkaTopicAdmin } from './topics.ts';

type Files = readonly ConnectorFile[];

interface ApplyConnectorsOptions {
  readonly connectUrl: string;
  /** `host:port`, several with commas or as an array. */
  readonly brokers: string | readonly string[];
  /** Login and TLS at the brokers; left out: neither. */
  readonly security?: KafkaSecurity | undefined;
  /** Folder in which the worker finds `mongodb-uri`; left out: the one named in the files. */
  readonly secretsDir?: string | undefined;
  /** Files or folders; default `connect/connectors`. */
  readonly files?: readonly string[] | undefined;
  /** Where the connectors read, for counting what a topic has to hold; left out: nothing is counted. */
  readonly mongodbUri?: string | undefined;
  /** Lets a connector begin anew whose topic is new, instead of refusing. */
  readonly refill?: boolean | undefined;
  readonly onStep?: ((step: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface ApplyConnectorsResult extends ApplyResult {
  readonly counts: Counts;
}

/** @throws ConnectFailure: any of its codes; `worker-refused` when something failed to apply, `topic-new`
 * when a connector would go on from its position into a new topic, `topic-deletes` when a topic would lose records, `not-healthy` when something does not run. */
export async function applyConnectors(options: ApplyConnectorsOptions): Promise<ApplyConnectorsResult> {
  const { onStep, signal } = options;
  const brokers = typeof options.brokers === 'string' ? options.brokers : options.brokers.join(',');
  const config = readConfig({
    CONNECT_URL: options.connectUrl,
    KAFKA_BROKERS: brokers,
    CONNECT_SECRETS_DIR: options.secretsDir,
  });
  const source = await loadConnectors(options.files ?? [], { secretsDir: config.secretsDir });
  refuseErrors(source.findings);
  const rest = connectRest({ url: config.connectUrl, limits: config.limits, signal, onRetry: onStep });
  const topics = await kafkaTopicAdmin({ brokers: config.brokers, security: options.security ?? {} }, config.limits);
  try {
    const { mongodbUri: uri, refill } = options;
    const { limits } = config;
    const count = uri === undefined ? undefined : (files: Files) => countDocuments(uri, files, limits.mongodbTimeoutMs);
    const { findings, changes, newTopics, wouldDelete } = await survey(
      source,
      { rest, topics },
      { refill, limits, signal, countDocuments: count },
    );
    refuseErrors(findings);
    if (newTopics.length > 0) throw new ConnectFailure('topic-new', listed(newTopics.map(({ reason }) => reason)));
    if (wouldDelete.length > 0)
      throw new ConnectFailure('topic-deletes', listed(wouldDelete.map(({ reason }) => reason)));
    const result = await applyChanges({
      files: source.files,
      changes,
      rest,
      topics,
      limits,
      onStep,
      signal,
    });
    throwUnlessRunning(result);
    return { ...result, counts: countOutcomes(result.applied) };
  } finally {
    await topics.close();
  }
}

function throwUnlessRunning({ applied, health }: ApplyResult): void {
  const failed = applied.filter((one) => one.outcome === 'failed');
  if (failed.length > 0) {
    throw new ConnectFailure('worker-refused', listed(failed.map((one) => `${one.kind} ${one.name}: ${one.error}`)));
  }
  const down = health.filter((one) => !one.running);
  if (down.length > 0) throw new ConnectFailure('not-healthy', listed(down.map((one) => `${one.reason}`)));
}
