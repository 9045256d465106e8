// What only the worker and the broker know: keys that the worker leaves out of its answer, values that it refuses, whose
// connector it is, and how many partitions the topic has.

import type { Config } from '../config-values.ts';
import type { ConnectRest, Plugin, ValidatedKey } from '../connect-rest.ts';
import { type ConnectorFile, carries, type PlainFile } from '../connector-file.ts';
import { ownerKey, ownerOf, wantedConfig } from '../reconcile.ts';
import { hasPlaceholder, maskValue, unreadableSecret } from '../secrets.ts';
import type { ActualTopic } from '../topics.ts';
import { didYouMean } from './nearest.ts';
import { type Broken, type Finding, findingAt, settingBroken } from './rules.ts';

/** What the broker holds against the files. */
export function brokenAtBroker(files: readonly ConnectorFile[], topics: ReadonlyMap<string, ActualTopic>): Finding[] {
  return files.flatMap((file) => {
    const { name, partitions } = file.topic;
    const actual = topics.get(name)?.partitions;
    if (actual === undefined || actual === partitions) return [];
    const detail =
      `topic ${name} has ${actual} partitions and the file says ${partitions}: another number would send a subject's later events ` +
      `to another partition than its earlier ones. Write ${actual}, or fill a topic of another name`;
    return [findingAt(file, { rule: 'partitions-changed', path: ['topic', 'partitions'], detail })];
  });
}

/** What the worker holds against the files, each asked for once. */
export async function brokenAtWorker(files: readonly PlainFile[], rest: ConnectRest): Promise<Finding[]> {
  if (files.length === 0) return [];
  const [installed, configs] = await Promise.all([rest.plugins(), rest.configs()]);
  const found = await Promise.all(
    files.map(async (file) =>
      [...ofAnother(file, configs.get(file.name)), ...(await refusedOrUnknown(file, installed, rest))].map((broken) =>
        findingAt(file, broken),
      ),
    ),
  );
  return found.flat();
}

function ofAnother(file: PlainFile, actual: Config | undefined): Broken[] {
  const theirs = actual && ownerOf(actual);
  const ours = ownerOf(file.config);
  if (theirs === undefined || theirs === ours) return [];
  const detail =
    `the connector ${file.name} of the worker belongs to ${theirs}, and this file ${ours === undefined ? 'names no owner' : `is of ${ours}`}: ` +
    `give the file another name, or first take that connector off (npm run connect -- delete ${file.name})`;
  return [settingBroken('owned-by-another', ownerKey, detail)];
}

async function refusedOrUnknown(file: PlainFile, installed: readonly Plugin[], rest: ConnectRest): Promise<Broken[]> {
  const config = wantedConfig(file);
  const connectorClass = config['connector.class'] ?? '';
  const usable = carries(file) ? installed.filter(({ type }) => type === 'source') : installed;
  const classes = usable.map((plugin) => plugin.class);
  if (!classes.includes(connectorClass)) {
    const there = classes.filter((name) => !name.startsWith('org.apache.kafka.connect.mirror')).join(', ');
    const detail = `${connectorClass} is not installed at ${rest.url}; it has ${there || 'none'}`;
    return [settingBroken('plugin-missing', 'connector.class', detail)];
  }
  const answer = await rest.validate(connectorClass, config);
  const refused = refusedKeys(answer, config);
  // What another class does with settings that it does not declare is not known here.
  if (!carries(file)) return refused;
  const told = new Set(refused.map(({ path }) => path[1]));
  return [...refused, ...unknownKeys(answer, config).filter(({ path }) => !told.has(path[1]))];
}

function refusedKeys(answer: readonly ValidatedKey[], config: Config): Broken[] {
  return answer.flatMap(({ value: { name, errors } }) => {
    const given = config[name] ?? '';
    // The worker repeats the value it was given, which may be a secret.
    const masked = (text: string) => (given === '' ? text : text.replaceAll(given, maskValue(name, given)));
    // A placeholder in the answer means that the worker found nothing behind it.
    const hint = (text: string) => (hasPlaceholder(text) ? `${text}. ${unreadableSecret}` : text);
    return errors.map((error) =>
      settingBroken('config-refused', name, hint(masked(error).replace(/(?<!\s)\s*\n\s*/g, ' '))),
    );
  });
}

/** `topic.creation.*` is not part of the worker's answer; `topic-rules.ts` has checked it already. */
function unknownKeys(answer: readonly ValidatedKey[], config: Config): Broken[] {
  const known = new Set(answer.filter((key) => key.definition !== null).map((key) => key.value.name));
  return Object.keys(config)
    .filter((key) => !known.has(key) && key !== ownerKey && !key.startsWith('topic.creation.'))
    .map((key) => {
      const detail = `is not known to the worker, which would ignore it in silence${didYouMean(key, known) || ': check its spelling'}`;
      return settingBroken('unknown-key', key, detail);
    });
}
