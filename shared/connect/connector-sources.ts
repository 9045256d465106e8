// Where connectors are read from: files, folders of them, standard input; by default `connect/connectors` below the working folder.
// All of them are read before anything is said, so that every fault of every file is told at once.
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { rootReasonOf } from '../engine/index.ts';
import {
  type ConnectorFile,
  carries,
  filesThatCarry,
  type Parsed,
  type PlainFile,
  parseConnectors,
  refuseErrors,
  standardInput,
} from './connector-file.ts';
import { ConnectFailure } from './failure.ts';
import { type Finding, findingAt, inOrder } from './lint/rules.ts';
import { placeSecrets } from './secrets.ts';

/** What stands for standard input among paths. */
const dash = '-';

export interface Source extends Parsed {
  /** Whether all of it came from folders and could be read: only then is it known what is not there. */
  readonly whole: boolean;
}

/** Below the folder in which the command is run. */
export const defaultConnectorFolder = 'connect/connectors';

export interface LoadOptions {
  /** Read at most once, when a path is `-`. */
  readonly stdin?: (() => Promise<string>) | undefined;
  /** Replaces the folder that `${dir:<folder>:<file>}` names. */
  readonly secretsDir?: string | undefined;
}

/**
 * Reads what the paths name, `connect/connectors` when there are none.
 * @throws `file-invalid` for a path that cannot be read at all; what is wrong inside a file is in the findings.
 */
export async function loadConnectors(paths: readonly string[], options: LoadOptions = {}): Promise<Source> {
  const named = paths.length > 0 ? paths : [defaultConnectorFolder];
  const listed = await Promise.all(named.map((path) => (path === dash ? [dash] : listFiles(path))));
  const parsed: Parsed[] = [];
  for (const file of new Set(listed.flat())) {
    parsed.push(
      file === dash
        ? parseConnectors(standardInput, await standardInputOf(options))
        : await readFile(file, 'utf8').then(
            (text) => parseConnectors(shown(file), text),
            (error: unknown) => unreadable(shown(file), rootReasonOf(error)),
          ),
    );
  }
  const files = parsed.flatMap((one) => one.files);
  const findings = [...parsed.flatMap((one) => one.findings), ...clashes(files)];
  const folders = named.every((path, i) => listed[i]?.[0] !== path);
  const whole = folders && !findings.some(({ rule }) => rule === 'file-shape');
  const placed = files.map((file) => ({ ...file, config: placeSecrets(file.config, options.secretsDir) }));
  return { files: placed, findings: inOrder(findings), whole };
}

/**
 * Reads files that must be right.
 * @throws ConnectorFileFailure (`file-invalid`) with all errors of all files.
 */
export async function readConnectorFiles(
  paths: readonly string[] = [],
  options: LoadOptions = {},
): Promise<readonly PlainFile[]> {
  const { files, findings } = await loadConnectors(paths, options);
  refuseErrors(findings);
  return files;
}

async function standardInputOf({ stdin }: LoadOptions): Promise<string> {
  if (stdin === undefined)
    throw new ConnectFailure('file-invalid', 'Nothing comes from standard input here: name files.');
  return stdin();
}

/** From where one stands, when the file lies below it. */
function shown(file: string): string {
  const short = relative('', file);
  return short.startsWith('..') ? file : short;
}

/** A file that cannot be read, as a folder that is called like one, keeps nobody from hearing of the others. */
function unreadable(file: string, reason: string): Parsed {
  const broken = { rule: 'file-shape', path: [], detail: `cannot be read: ${reason}` } as const;
  return { files: [], findings: [findingAt({ file, lineOf: () => 1 }, broken)] };
}

/** The path itself, or for a folder its `.json` files in the order of their names. */
async function listFiles(path: string): Promise<string[]> {
  const refuse = (error: unknown): never => {
    throw new ConnectFailure(
      'file-invalid',
      `${path} cannot be read: ${rootReasonOf(error)}. Name connector files, or a folder of them.`,
      { cause: error },
    );
  };
  const entry = await stat(path).catch(refuse);
  if (!entry.isDirectory()) return [path];
  const inside = (await readdir(path).catch(refuse)).filter((name) => name.endsWith('.json')).sort();
  if (inside.length === 0)
    throw new ConnectFailure('file-invalid', `${path} holds no .json file: name a folder of connector files.`);
  return inside.map((name) => join(path, name));
}

const heartbeatTopic = 'heartbeat.topic.name';

/** A heartbeat has a null value, which is reserved for erasure, and a resume token as its key. */
function heartbeatsAmongRecords(one: ConnectorFile, topics: ReadonlyMap<string, string>): Finding[] {
  const theirs = topics.get(one.config[heartbeatTopic] ?? '');
  if (theirs === undefined) return [];
  const detail = `is the topic of ${theirs}: heartbeats would stand among its records`;
  return [findingAt(one, { rule: 'file-shape', path: ['config', heartbeatTopic], detail })];
}

/** Two connectors on one name would overwrite each other; on one topic they would mix two collections under one contract. */
function clashes(connectors: readonly PlainFile[]): Finding[] {
  const findings: Finding[] = [];
  const names = new Map<string, string>();
  const topics = new Map<string, string>();
  for (const one of connectors) {
    const { file, name } = one;
    const topic = carries(one) ? one.topic.name : undefined;
    const sameName = names.get(name);
    const sameTopic = topic === undefined ? undefined : topics.get(topic);
    const found = (path: readonly string[], detail: string) =>
      findings.push(findingAt(one, { rule: 'file-shape', path, detail }));
    if (sameName !== undefined) found(['name'], `${name} is also the connector of ${sameName}`);
    else if (sameTopic !== undefined) found(['topic', 'name'], `${topic} is also the topic of ${sameTopic}`);
    names.set(name, file);
    if (topic !== undefined) topics.set(topic, file);
  }
  return [...findings, ...filesThatCarry(connectors).flatMap((one) => heartbeatsAmongRecords(one, topics))];
}
