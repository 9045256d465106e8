// Connector files: one JSON file for each connector, named after it, holding its topic and its Kafka Connect config.
// Parsed once, here: what leaves this module is checked, and every fault of every file is told with file, line and key.
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { brokenRules } from './connector-rules.ts';
import { ConnectFailure, rootMessage } from './failure.ts';
import { JsonFault, type JsonPath, type LocatedJson, parseLocatedJson } from './located-json.ts';
import { placeSecrets } from './secrets.ts';

export interface TopicSpec {
  readonly name: string;
  /** Fixed for the life of the topic: the key decides the partition, and the partition the order. */
  readonly partitions: number;
  /** Topic settings such as `cleanup.policy`; those not named stay as the broker has them. */
  readonly config: Readonly<Record<string, string>>;
}

export interface ConnectorFile {
  /** Path as found, for messages. */
  readonly file: string;
  /** The connector's name, which is also the file's. */
  readonly name: string;
  readonly database: string;
  readonly collection: string;
  readonly topic: TopicSpec;
  /** What is sent to the worker, without `name`. */
  readonly config: Readonly<Record<string, string>>;
  /** The line on which a key of the file stands. */
  readonly lineOf: (path: JsonPath) => number;
}

export interface FileFault {
  readonly file: string;
  readonly line: number;
  /** Dotted path of the key; empty for the whole file. */
  readonly key: string;
  readonly detail: string;
}

/** Thrown with all faults of all files read; the message has one line for each. */
export class ConnectorFileFailure extends ConnectFailure {
  constructor(readonly faults: readonly FileFault[]) {
    super('file-invalid', faults.map(renderFault).join('\n'));
  }
}

export function renderFault({ file, line, key, detail }: FileFault): string {
  return `${file}:${line}: ${key === '' ? '' : `${key}: `}${detail}`;
}

const configValues = z.record(
  z.string(),
  z.string(
    'must be a text in double quotes: Connect keeps every value as text, and another type would always look changed',
  ),
);

const shape = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and "-", up to 63'),
  topic: z.strictObject({
    name: z.string().regex(/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/, 'is no name that Kafka takes'),
    partitions: z.int().min(1).max(1000),
    config: configValues,
  }),
  config: configValues,
});

export type ConnectorShape = z.infer<typeof shape>;

/** `connect/connectors`, seen from the sources as well as from their compiled form in `dist/`. */
export function defaultConnectorFolder(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const workspace = basename(dirname(here)) === 'dist' ? dirname(dirname(here)) : dirname(here);
  return join(workspace, 'connectors');
}

/**
 * Parses one file's text.
 * @returns the connector, or the faults with their lines, at least one.
 */
export function parseConnectorFile(file: string, source: string): ConnectorFile | readonly FileFault[] {
  let json: LocatedJson;
  try {
    json = parseLocatedJson(source);
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    return [{ file, line: error.line, key: error.path.join('.'), detail: `${error.message} (column ${error.column})` }];
  }
  const fault = (path: JsonPath, detail: string): FileFault => ({
    file,
    line: json.lineOf(path),
    key: path.join('.'),
    detail,
  });

  const parsed = shape.safeParse(json.value, { reportInput: true });
  if (!parsed.success)
    return parsed.error.issues.flatMap((issue) => shapeFaults(issue).map(({ path, detail }) => fault(path, detail)));

  const spec = parsed.data;
  const faults = brokenRules(spec).map(({ path, detail }) => fault(path, detail));
  const expected = basename(file, '.json');
  if (spec.name !== expected) {
    faults.unshift(
      fault(
        ['name'],
        `is ${JSON.stringify(spec.name)}, but the file is called ${expected}.json: one of the two must change`,
      ),
    );
  }
  if (faults.length > 0) return faults.sort((a, b) => a.line - b.line);
  const { database = '', collection = '' } = spec.config;
  return { file, name: spec.name, database, collection, topic: spec.topic, config: spec.config, lineOf: json.lineOf };
}

function shapeFaults(issue: z.core.$ZodIssue): { path: JsonPath; detail: string }[] {
  const path = issue.path.filter((part) => typeof part !== 'symbol');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key],
      detail: 'is not known here; a connector file holds name, topic { name, partitions, config } and config',
    }));
  }
  if (issue.input === undefined && path.length > 0) return [{ path, detail: 'is missing' }];
  return [{ path, detail: `${issue.message} (it is ${JSON.stringify(issue.input)?.slice(0, 80)})` }];
}

/** The `.json` files that `paths` name, folders in the order of their names. */
async function listFiles(paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) {
    const isFolder = await stat(path).then(
      (entry) => entry.isDirectory(),
      (error: unknown) => {
        throw new ConnectFailure('file-invalid', `${path} cannot be read: ${rootMessage(error)}.`, { cause: error });
      },
    );
    if (!isFolder) {
      found.push(path);
      continue;
    }
    const inside = (await readdir(path)).filter((name) => name.endsWith('.json')).sort();
    if (inside.length === 0)
      throw new ConnectFailure('file-invalid', `${path} holds no .json file: name a folder of connector files.`);
    found.push(...inside.map((name) => join(path, name)));
  }
  return [...new Set(found)];
}

/**
 * Reads and checks connector files.
 * @param paths files or folders; `connect/connectors` of this repository when left out.
 * @throws ConnectorFileFailure (`file-invalid`) with all faults of all files.
 */
export async function readConnectorFiles(
  paths: string | readonly string[] = defaultConnectorFolder(),
): Promise<ConnectorFile[]> {
  const files = await listFiles(typeof paths === 'string' ? [paths] : paths);
  const connectors: ConnectorFile[] = [];
  const faults: FileFault[] = [];
  for (const file of files) {
    const parsed = parseConnectorFile(file, await readFile(file, 'utf8'));
    if ('config' in parsed) connectors.push(parsed);
    else faults.push(...parsed);
  }
  faults.push(...clashes(connectors));
  if (faults.length > 0) throw new ConnectorFileFailure(faults);
  return connectors;
}

/** Two connectors on one name would overwrite each other; on one topic they would mix two collections under one contract. */
function clashes(connectors: readonly ConnectorFile[]): FileFault[] {
  const faults: FileFault[] = [];
  const names = new Map<string, string>();
  const topics = new Map<string, string>();
  for (const { file, name, topic } of connectors) {
    const sameName = names.get(name);
    const sameTopic = topics.get(topic.name);
    if (sameName !== undefined)
      faults.push({ file, line: 1, key: 'name', detail: `${name} is also the connector of ${sameName}` });
    else if (sameTopic !== undefined)
      faults.push({ file, line: 1, key: 'topic.name', detail: `${topic.name} is also the topic of ${sameTopic}` });
    names.set(name, file);
    topics.set(topic.name, file);
  }
  return faults;
}

/** The files with every secret looked for in `folder`; unchanged without one. */
export function placeSecretsInFiles(files: readonly ConnectorFile[], folder: string | undefined): ConnectorFile[] {
  return files.map((file) => ({ ...file, config: placeSecrets(file.config, folder) }));
}
