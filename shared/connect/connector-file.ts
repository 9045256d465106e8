// Connector files: one JSON file for each connector, named after it, holding what it carries, its topic and its Kafka Connect config.
// Parsed once, here: what comes out has the right shape, and every fault is told with file, line and key.
import { basename } from 'node:path';
import type { z } from 'zod';
import { JsonFault, type JsonPath, type LocatedJson, parseLocatedJson } from '../json/index.ts';
import type { Config } from './config-values.ts';
import { type Carries, plainShape, shape } from './connector-shape.ts';
import { ConnectFailure, listed } from './failure.ts';
import { doubtRules } from './lint/doubt-rules.ts';
import { mongoSource } from './lint/known-settings.ts';
import { recordRules } from './lint/record-rules.ts';
import { type Broken, type Finding, findingAt, inOrder, isError, type Located, renderFinding } from './lint/rules.ts';
import { anyFileRules, settingsRules } from './lint/settings-rules.ts';
import { streamRules } from './lint/stream-rules.ts';
import { topicRules } from './lint/topic-rules.ts';

export interface TopicSpec {
  readonly name: string;
  /** Fixed for the life of the topic: the key decides the partition, and the partition the order. */
  readonly partitions: number;
  /** Topic settings such as `cleanup.policy`; those not named stay as the broker has them. */
  readonly config: Config;
}

/** Any connector. One of a class that the rules do not know is deployed as it is written: Connect alone judges it. */
export interface PlainFile extends Located {
  /** Path as found, for messages. */
  readonly file: string;
  /** The connector's name, which is also the file's. */
  readonly name: string;
  /** What is sent to the worker, without `name`. */
  readonly config: Config;
}

/** A connector that carries a collection to a topic of its own. */
export interface ConnectorFile extends PlainFile {
  readonly database: string;
  readonly collection: string;
  readonly carries: Carries;
  readonly topic: TopicSpec;
}

export function carries(file: PlainFile): file is ConnectorFile {
  return 'carries' in file;
}

export function filesThatCarry(files: readonly PlainFile[]): readonly ConnectorFile[] {
  return files.filter(carries);
}

/** The connectors that could be read, and everything that was found about them and about those that could not. */
export interface Parsed {
  readonly files: readonly PlainFile[];
  readonly findings: readonly Finding[];
}

/** Thrown with every error of all files read; the message has one line for each. */
class ConnectorFileFailure extends ConnectFailure {
  constructor(readonly findings: readonly Finding[]) {
    super('file-invalid', listed(findings.map(renderFinding)));
  }
}

/** @throws ConnectorFileFailure (`file-invalid`) when one of the findings is an error. */
export function refuseErrors(findings: readonly Finding[]): void {
  const errors = findings.filter(isError);
  if (errors.length > 0) throw new ConnectorFileFailure(errors);
}

/** More than any config needs. */
const levelsMax = 64;

/** Whether the file says nothing of what it carries, and names a class of connectors that the rules do not know. */
function isPlain(value: unknown): boolean {
  const { carries, topic, config } = Object(value) as Readonly<Record<string, unknown>>;
  const { 'connector.class': name } = Object(config) as Readonly<Record<string, unknown>>;
  return carries === undefined && topic === undefined && typeof name === 'string' && name !== mongoSource;
}

/** What standard input is called in messages. */
export const standardInput = '(stdin)';

/**
 * Parses one text. A file holds one connector, named after it; standard input holds one, or a list of them.
 * @returns what could be read, and the findings in the order of their lines.
 */
export function parseConnectors(file: string, source: string): Parsed {
  let json: LocatedJson;
  try {
    json = parseLocatedJson(source, levelsMax);
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    const detail = `${error.message} (column ${error.column})`;
    return { files: [], findings: [findingAt({ file, lineOf: () => error.line }, shapeBroken(error.path, detail))] };
  }
  const members = file === standardInput && Array.isArray(json.value) ? (json.value as unknown[]) : undefined;
  // As a folder without files: whoever made the list meant something to be in it.
  if (members?.length === 0)
    return { files: [], findings: [findingAt({ file, lineOf: json.lineOf }, shapeBroken([], 'is an empty list'))] };
  const parsed = members?.map((value, index) => {
    const lineOf = (path: JsonPath) => json.lineOf([index, ...path]);
    return parsedPart({ file: `${standardInput}[${index}]`, lineOf }, value);
  }) ?? [parsedPart({ file, lineOf: json.lineOf }, json.value)];
  return {
    files: parsed.flatMap((one) => one.files),
    findings: inOrder(parsed.flatMap((one) => one.findings)),
  };
}

/** Every rule that a file alone can break. */
const fileRules = [...settingsRules, ...recordRules, ...streamRules, ...topicRules, ...doubtRules];

const shapeBroken = (path: JsonPath, detail: string): Broken => ({ rule: 'file-shape', path, detail });

function parsedPart(at: Located, value: unknown): Parsed {
  if (isPlain(value)) return plainPart(at, value);
  const parsed = shape.safeParse(value, { reportInput: true });
  if (!parsed.success) return unreadablePart(at, parsed.error);
  const spec = parsed.data;
  const { database = '', collection = '' } = spec.config;
  const { name, carries, topic, config } = spec;
  const broken = [...otherwiseNamed(at.file, name), ...fileRules.flatMap((rule) => rule(spec))];
  const file: ConnectorFile = { ...at, name, database, collection, carries, topic, config };
  return {
    files: [file],
    findings: broken.map((one) => findingAt(at, one)),
  };
}

function plainPart(at: Located, value: unknown): Parsed {
  const parsed = plainShape.safeParse(value, { reportInput: true });
  if (!parsed.success) return unreadablePart(at, parsed.error);
  const { name, config } = parsed.data;
  const broken = [...otherwiseNamed(at.file, name), ...anyFileRules.flatMap((rule) => rule(parsed.data))];
  return { files: [{ ...at, name, config }], findings: broken.map((one) => findingAt(at, one)) };
}

function unreadablePart(at: Located, { issues }: z.ZodError): Parsed {
  return { files: [], findings: issues.flatMap(shapeFaults).map((broken) => findingAt(at, broken)) };
}

function otherwiseNamed(file: string, name: string): Broken[] {
  const expected = basename(file, '.json');
  if (file.startsWith(standardInput) || name === expected) return [];
  const detail = `is ${JSON.stringify(name)}, but the file is called ${expected}.json: one of the two must change`;
  return [shapeBroken(['name'], detail)];
}

function shapeFaults(issue: z.core.$ZodIssue): Broken[] {
  const path = issue.path.filter((part) => typeof part !== 'symbol');
  if (issue.code === 'unrecognized_keys') {
    const detail =
      'is not known here; a connector file holds name, carries, states, topic { name, partitions, config } and config';
    return issue.keys.map((key) => shapeBroken([...path, key], detail));
  }
  if (issue.input === undefined && path.length > 0)
    return [shapeBroken(path, path[0] === 'carries' ? `is missing: ${howToDeclare}` : 'is missing')];
  // Never the value: a password that was written as a number, or in a list, stands here as well.
  return [shapeBroken(path, `${issue.message} (it is ${kindOfValue(issue.input)})`)];
}

/** No rule guesses: the same settings are right for one kind and lose data of the other. */
const howToDeclare =
  'write "carries": "events" where each record is one event that is kept for ever, or "carries": "snapshots" where the topic keeps ' +
  'the newest document of each subject. No setting of the topic is judged, and nothing is deployed, before the file says which';

function kindOfValue(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}
