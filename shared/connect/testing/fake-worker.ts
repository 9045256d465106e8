// A Kafka Connect worker for unit tests: real HTTP on a free port, state in memory, faults on demand.
// It promises only what the command line relies on; how a real worker behaves is the end-to-end test's business.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Config } from '../config-values.ts';
import type { ConnectorState, Plugin } from '../connect-rest.ts';
import { connectorShape } from './connector-text.ts';

/** Returned for a request: this status instead of the work, the page of a starting worker, or the connection cut, before or after the work. */
export type Fault =
  | { readonly status: number; readonly message?: string; readonly body?: unknown }
  | 'starting'
  | 'cut'
  | 'cut-after'
  | undefined;

export interface FakeConnector {
  config: Config;
  state: ConnectorState;
  /** A task has the connector's config unless it has one of its own, such as the one before. */
  tasks: { state: ConnectorState; trace?: string; config?: Config }[];
}

/** As Connect keeps them: under the connector's name, also after it was deleted. */
export type FakeOffset = { partition: Record<string, string>; offset: Record<string, string> };

export interface FakeWorker {
  readonly url: string;
  readonly connectors: Map<string, FakeConnector>;
  readonly offsets: Map<string, FakeOffset[]>;
  /** `METHOD /path` of each request, in order. */
  readonly requests: string[];
  /** Asked before each request. */
  fault: (request: string) => Fault;
  /** What a connector becomes when it is put or restarted. */
  onStart: (connector: FakeConnector) => void;
  /** Keys the worker knows besides those of the connector put; undefined: it knows all. */
  unknownKeys: ReadonlySet<string>;
  version: string;
  plugins: readonly Plugin[];
  close(): Promise<void>;
}

const startingPage = '<html><head><title>Error 404 Not Found</title></head><body></body></html>';

export const sourceClass = 'com.mongodb.kafka.connect.MongoSourceConnector';

export async function startFakeWorker(): Promise<FakeWorker> {
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const line = `${request.method} ${decodeURIComponent(request.url ?? '')}`;
      worker.requests.push(line);
      const fault = worker.fault(line);
      if (fault === 'cut') return request.socket.destroy();
      if (fault === 'starting') return response.writeHead(404, { 'content-type': 'text/html' }).end(startingPage);
      if (typeof fault === 'object')
        return answer(
          fault.status,
          fault.body ?? { error_code: fault.status, message: fault.message ?? 'told to fail' },
        );
      const [status, value] = handle(worker, line, body);
      if (fault === 'cut-after') return request.socket.destroy();
      return answer(status, value);
    });
    function answer(status: number, value: unknown) {
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(value === undefined ? '' : JSON.stringify(value));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const worker: FakeWorker = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connectors: new Map(),
    offsets: new Map(),
    requests: [],
    fault: () => undefined,
    onStart: (connector) => {
      connector.state = 'RUNNING';
      connector.tasks = [{ state: 'RUNNING' }];
    },
    unknownKeys: new Set(),
    version: '4.3.1',
    plugins: [{ class: sourceClass, type: 'source', version: '2.0.1' }],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return worker;
}

function handle(worker: FakeWorker, line: string, body: unknown): [number, unknown] {
  const [, method = '', path = ''] = /^(\S+) (.*)$/.exec(line) ?? [];
  if (path === '/') return [200, { version: worker.version }];
  if (path === '/connector-plugins') return [200, worker.plugins];
  if (path.endsWith('/config/validate')) return [200, validation(worker, body as Config)];
  if (path === '/connectors?expand=info')
    return [200, each(worker, (name, { config }) => ({ info: { name, config } }))];
  if (path === '/connectors?expand=status')
    return [200, each(worker, (name, connector) => ({ status: statusOf(name, connector) }))];

  if (method === 'POST' && path === '/connectors') return created(worker, body as { name: string; config: Config });
  const name = /^\/connectors\/([^/?]+)/.exec(path)?.[1] ?? '';
  const found = worker.connectors.get(name);
  const verb = /^\/connectors\/[^/?]+\/(stop|pause|resume|offsets)$/.exec(path)?.[1];
  if (verb !== undefined) return setOrShown(worker, { name, method, verb });
  if (path.endsWith('/tasks')) return [200, (found?.tasks ?? []).map(({ config = found?.config }) => ({ config }))];
  if (method === 'PUT') {
    const state = found?.state ?? 'UNASSIGNED';
    const connector: FakeConnector = { config: body as Config, state, tasks: [] };
    if (state !== 'STOPPED') worker.onStart(connector);
    worker.connectors.set(name, connector);
    return [found === undefined ? 201 : 200, { name, config: body }];
  }
  if (found === undefined) return unknown(name);
  if (method === 'DELETE') worker.connectors.delete(name);
  if (method === 'DELETE') return [204, undefined];
  if (method === 'POST') worker.onStart(found);
  return [method === 'POST' ? 202 : 200, method === 'POST' ? undefined : found.config];
}

const unknown = (name: string): [number, unknown] => [404, { error_code: 404, message: `Connector ${name} not found` }];

function created(worker: FakeWorker, { name, config }: { name: string; config: Config }): [number, unknown] {
  if (worker.connectors.has(name)) return [409, { error_code: 409, message: `Connector ${name} already exists` }];
  worker.connectors.set(name, { config, state: 'STOPPED', tasks: [] });
  return [201, { name, config }];
}

function setOrShown(
  worker: FakeWorker,
  { name, method, verb }: { name: string; method: string; verb: string },
): [number, unknown] {
  const found = worker.connectors.get(name);
  if (found === undefined) return unknown(name);
  if (verb === 'offsets') {
    if (method === 'GET') return [200, { offsets: worker.offsets.get(name) ?? [] }];
    if (found.state !== 'STOPPED')
      return [400, { error_code: 400, message: 'Connectors must be in the STOPPED state' }];
    worker.offsets.delete(name);
    return [200, { message: 'have been reset' }];
  }
  if (verb === 'resume') worker.onStart(found);
  else if (verb === 'stop') Object.assign(found, { state: 'STOPPED', tasks: [] });
  else Object.assign(found, { state: 'PAUSED', tasks: found.tasks.map(() => ({ state: 'PAUSED' })) });
  return [verb === 'stop' ? 204 : 202, undefined];
}

function each(worker: FakeWorker, view: (name: string, connector: FakeConnector) => unknown): unknown {
  return Object.fromEntries([...worker.connectors].map(([name, connector]) => [name, view(name, connector)]));
}

function statusOf(name: string, { state, tasks }: FakeConnector): unknown {
  const worker_id = 'fake:8083';
  return {
    name,
    connector: { state, worker_id },
    tasks: tasks.map(({ config: _, ...task }, id) => ({ id, worker_id, ...task })),
    type: 'source',
  };
}

/** As a real worker does, it answers with all the keys that it knows, given or not. */
function validation({ unknownKeys }: FakeWorker, config: Config): unknown {
  const known = Object.fromEntries(Object.keys(connectorShape().config).map((key) => [key, '']));
  const configs = Object.entries({ ...known, ...config })
    .filter(([key]) => !unknownKeys.has(key) && !/^(topic\.creation|foldline)\./.test(key))
    .map(([key, value]) => ({
      definition: { name: key },
      value: { name: key, value, errors: isNumber(key) && Number.isNaN(Number(value)) ? [notANumber(key, value)] : [] },
    }));
  return { error_count: 0, configs };
}

const isNumber = (key: string) => /\.(ms|size|max)$/.test(key);
const notANumber = (key: string, value: string) =>
  `Invalid value ${value} for configuration ${key}: Not a number of type INT`;

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text === '' ? undefined : JSON.parse(text);
}
