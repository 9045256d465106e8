// The few calls of Kafka Connect's REST interface that a deployment needs. Each request has a timeout; a worker that is away,
// starting (404) or rebalancing (409) is tried again with backoff for a bounded time. All calls may be repeated without harm:
// PUT and DELETE set a state, a POST makes what is not there yet, and a restart of what runs already is not asked for.

import { rootReasonOf } from '../engine/index.ts';
import { backoffMs, pause } from '../running/index.ts';
import type { Limits } from './config.ts';
import type { Config } from './config-values.ts';
import { ConnectFailure } from './failure.ts';
import { hasPlaceholder, maskUris, unreadableSecret } from './secrets.ts';

export type ConnectorState = 'RUNNING' | 'PAUSED' | 'STOPPED' | 'FAILED' | 'UNASSIGNED' | 'RESTARTING' | 'DESTROYED';

export interface ConnectorStatus {
  readonly name: string;
  readonly connector: { readonly state: ConnectorState; readonly worker_id: string; readonly trace?: string };
  readonly tasks: readonly (ConnectorStatus['connector'] & { readonly id: number })[];
}

/** One key of the worker's answer to a validation; `definition` is null for keys that it only passed through. */
export interface ValidatedKey {
  readonly definition: { readonly name: string } | null;
  readonly value: { readonly name: string; readonly errors: readonly string[] };
}

export interface Plugin {
  readonly class: string;
  readonly type: string;
  readonly version?: string;
}

/** Where a source connector stands in one partition of what it reads; null: nowhere. Opaque, but for what `position.ts` knows. */
export interface ConnectorOffset {
  readonly partition: Readonly<Record<string, unknown>>;
  readonly offset: Readonly<Record<string, unknown>> | null;
}

export type ConnectRest = ReturnType<typeof connectRest>;

interface ConnectRestOptions {
  readonly url: string;
  readonly limits: Limits;
  readonly signal?: AbortSignal | undefined;
  /** Told once for each run of tries: why the worker is being tried again. */
  readonly onRetry?: ((reason: string) => void) | undefined;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export function connectRest({ url, limits, signal, onRetry }: ConnectRestOptions) {
  async function once(method: string, path: string, body: unknown, timeoutMs: number): Promise<Answer> {
    const timeout = AbortSignal.timeout(timeoutMs);
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
    });
    return { status: response.status, body: parsedBody(await response.text()) };
  }

  /** Tries until an answer that is not "later", or until the limits end it. */
  async function call(method: string, path: string, body?: unknown): Promise<Answer> {
    const until = performance.now() + limits.retryForMs;
    let serverErrors = 0;
    let told = '';
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await once(method, path, body, limits.requestTimeoutMs).catch((error: unknown) => ({ error }));
      if (signal?.aborted) throw new ConnectFailure('aborted', `Stopped while asking ${url}${path}.`);
      if ('status' in outcome && isFinal(outcome)) return outcome;
      if ('status' in outcome && outcome.status >= 500) serverErrors += 1;

      const waitMs = backoffMs({ initialMs: limits.retryInitialMs, maxMs: limits.retryMaxMs }, attempt);
      if (serverErrors >= limits.serverErrorTries || performance.now() + waitMs > until)
        throw givenUp(method, path, outcome);
      // Why there was no answer is told once, by the failure at the end.
      const reason =
        'status' in outcome
          ? `answers ${method} ${path} with ${outcome.status}: ${messageOf(outcome)}`
          : 'does not answer';
      if (reason !== told) onRetry?.(`Kafka Connect at ${url} ${reason}; trying again`);
      told = reason;
      await pause(waitMs, signal);
    }
  }

  function givenUp(method: string, path: string, outcome: Answer | { error: unknown }): ConnectFailure {
    if ('status' in outcome) return refusal(method, path, outcome);
    const cause = rootReasonOf(outcome.error);
    return new ConnectFailure(
      'worker-unreachable',
      `Kafka Connect at ${url} did not answer for ${limits.retryForMs} ms (${cause}): start the worker, or set CONNECT_URL or --url to where it is.`,
      { cause: outcome.error },
    );
  }

  function refusal(method: string, path: string, answer: Answer): ConnectFailure {
    return new ConnectFailure(
      'worker-refused',
      `Kafka Connect at ${url} answered ${method} ${path} with ${answer.status}: ${messageOf(answer)}`,
    );
  }

  const accepted = async (method: string, path: string, body?: unknown, isSearch = false): Promise<Answer> => {
    const answer = await call(method, path, body);
    if (answer.status >= 300 && !(isSearch && answer.status === 404)) throw refusal(method, path, answer);
    return answer;
  };
  const expect = async <T>(method: string, path: string, body?: unknown) =>
    (await accepted(method, path, body)).body as T;
  const find = async <T>(method: string, path: string): Promise<T | undefined> => {
    const { status, body } = await accepted(method, path, undefined, true);
    return status === 404 ? undefined : (body as T);
  };
  const done = async (method: string, path: string) => (await accepted(method, path, undefined, true)).status !== 404;

  const at = (name: string) => `/connectors/${encodeURIComponent(name)}`;

  return {
    url,
    /** True as soon as the worker answers one request; one try, no patience. */
    reachable: (timeoutMs: number): Promise<boolean> =>
      once('GET', '/', undefined, timeoutMs).then(
        (answer) => answer.status < 500,
        () => false,
      ),
    /** Of Kafka Connect itself, for example `4.3.1`. */
    version: async () => (await expect<{ version: string }>('GET', '/')).version,
    plugins: () => expect<Plugin[]>('GET', '/connector-plugins'),
    /** The config of every connector, by name. */
    async configs() {
      const all = await expect<Record<string, { info: { config: Config } }>>('GET', '/connectors?expand=info');
      return new Map(Object.entries(all).map(([name, { info }]) => [name, info.config]));
    },
    async statuses() {
      const all = await expect<Record<string, { status: ConnectorStatus }>>('GET', '/connectors?expand=status');
      return new Map(Object.entries(all).map(([name, { status }]) => [name, status]));
    },
    config: (name: string) => find<Config>('GET', `${at(name)}/config`),
    /** What the connector's tasks were last told to run with; none while there is no task. */
    async taskConfigs(name: string) {
      const tasks = await find<{ config: Config }[]>('GET', `${at(name)}/tasks`);
      return (tasks ?? []).map(({ config }) => config);
    },
    putConfig: (name: string, config: Config) => expect<void>('PUT', `${at(name)}/config`, config),
    /** False when there was no such connector. */
    remove: (name: string) => done('DELETE', at(name)),
    /** Restarts the connector and its tasks, or those of them that failed. False when there was no such connector. */
    restart: (name: string, onlyFailed: boolean) =>
      done('POST', `${at(name)}/restart?includeTasks=true&onlyFailed=${onlyFailed}`),
    /** Ends its tasks and keeps its config. False when there was no such connector, as for the two below. */
    stop: (name: string) => done('PUT', `${at(name)}/stop`),
    pause: (name: string) => done('PUT', `${at(name)}/pause`),
    /** Lets one go on that is paused or stopped. */
    resume: (name: string) => done('PUT', `${at(name)}/resume`),
    /** Makes a connector that is STOPPED; one that is there already is left as it is. */
    async createStopped(name: string, config: Config) {
      const answer = await call('POST', '/connectors', { name, config, initial_state: 'STOPPED' });
      if (answer.status >= 300 && !isThereAlready(answer)) throw refusal('POST', '/connectors', answer);
    },
    /** Undefined when there is no such connector: what one left behind is shown only when it is there again. */
    offsets: async (name: string) =>
      (await find<{ offsets: ConnectorOffset[] }>('GET', `${at(name)}/offsets`))?.offsets,
    /** Of a connector that is STOPPED. */
    resetOffsets: (name: string) => expect<void>('DELETE', `${at(name)}/offsets`),
    async validate(connectorClass: string, config: Config) {
      const path = `/connector-plugins/${encodeURIComponent(connectorClass)}/config/validate`;
      return (await expect<{ configs: ValidatedKey[] }>('PUT', path, config)).configs;
    },
  };
}

/** Anything but a rebalance (409), a worker's fault (5xx), and the 404 in another form that every route of a starting worker answers. */
function isFinal(answer: Answer): boolean {
  const { status, body } = answer;
  const ofConnect = typeof body === 'object' && body !== null && 'error_code' in body;
  return status < 500 && (status !== 409 || isThereAlready(answer)) && (status !== 404 || ofConnect);
}

/** A worker answers with 409 also when a connector of that name is there: to a POST whose first answer was lost, for example. */
function isThereAlready({ status, body }: Answer): boolean {
  const { message } = Object(body) as { readonly message?: unknown };
  return status === 409 && /already exists/.test(String(message));
}

function parsedBody(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // An error page, of a worker that is still starting or of a proxy: its title is all there is to tell.
    return { message: /<title>([^<]*)<\/title>/i.exec(text)?.[1] ?? text };
  }
}

const messageCharsMax = 500;

/** A proxy in between, or another version of Connect, may give its reason in another form than a message. */
function wordsOf(body: unknown): string | undefined {
  if (body === undefined || body === null || body === '') return undefined;
  const { message } = Object(body) as { readonly message?: unknown };
  return typeof message === 'string' && message.trim() !== '' ? message : JSON.stringify(body);
}

/** The worker's own words, without the pointer to its documentation, on one line, short, and without secrets. */
function messageOf({ body }: Answer): string {
  const message = wordsOf(body) ?? 'the answer gives no reason; the log of the worker may say more';
  const useful = message
    .replace(/(?<!\s)\s*You can also find the above list of errors at[^\n]*/, '')
    .replace(/(?<!\s)\s*\n\s*/g, ' ');
  const hint = hasPlaceholder(useful) ? ` ${unreadableSecret}` : '';
  return `${maskUris(useful).slice(0, messageCharsMax)}${hint}`;
}
