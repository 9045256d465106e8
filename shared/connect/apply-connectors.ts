// The whole deployment as one call, for `npm start` and the tests: read the files, compare, apply, wait.
// It promises that afterwards every topic exists and every connector and task runs, or throws the sentence that says why not.
import type { KafkaSecurity } from '../config/index.ts';
import { type ApplyResult, applyChanges, type Counts, countOutcomes } from './apply.ts';
import { readConfig } from './config.ts';
import { connectRest } from './connect-rest.ts';
import { refuseErrors } from './connector-file.ts';
import { loadConnectors } from './connector-sources.ts';
import { counting } from './context.ts';
import { ConnectFailure, type ConnectFailureCode, listed } from './failure.ts';
import { survey } from './survey.ts';
import { kafkaTopicAdmin } from './topics.ts';

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
  const { onStep, signal, refill } = options;
  const config = readConfig({
    CONNECT_URL: options.connectUrl,
    KAFKA_BROKERS: [options.brokers].flat().join(','),
    CONNECT_SECRETS_DIR: options.secretsDir,
    MONGODB_URI: options.mongodbUri,
  });
  const { limits } = config;
  const source = await loadConnectors(options.files ?? [], { secretsDir: config.secretsDir });
  refuseErrors(source.findings);
  const rest = connectRest({ url: config.connectUrl, limits, signal, onRetry: onStep });
  const topics = await kafkaTopicAdmin({ brokers: config.brokers, security: options.security ?? {} }, limits);
  try {
    const surveyed = await survey(
      source,
      { rest, topics },
      { refill, limits, signal, countDocuments: counting({ config }) },
    );
    const { findings, changes, newTopics, wouldDelete } = surveyed;
    refuseErrors(findings);
    refuse('topic-new', newTopics);
    refuse('topic-deletes', wouldDelete);
    const result = await applyChanges({ files: source.files, changes, rest, topics, limits, onStep, signal });
    throwUnlessRunning(result);
    return { ...result, counts: countOutcomes(result.applied) };
  } finally {
    await topics.close();
  }
}

function throwUnlessRunning({ applied, health }: ApplyResult): void {
  const failed = applied.filter(({ outcome }) => outcome === 'failed');
  refuse(
    'worker-refused',
    failed.map(({ kind, name, error }) => ({ reason: `${kind} ${name}: ${error}` })),
  );
  refuse(
    'not-healthy',
    health.filter(({ running }) => !running),
  );
}

/** @throws ConnectFailure with each reason, if there is one */
function refuse(code: ConnectFailureCode, why: readonly { readonly reason: string | null }[]): void {
  if (why.length > 0) throw new ConnectFailure(code, listed(why.map(({ reason }) => `${reason}`)));
}
