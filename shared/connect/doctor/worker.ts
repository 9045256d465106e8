// What is wrong with the worker, its plugins, the files as it sees them, and the connectors that it runs.

import { rootReasonOf } from '../../engine/index.ts';
import { beginningKey, isBeginning } from '../begin-anew.ts';
import type { Config } from '../config-values.ts';
import type { ConnectRest, Plugin } from '../connect-rest.ts';
import type { PlainFile } from '../connector-file.ts';
import type { Source } from '../connector-sources.ts';
import { type Context, restOf, withoutPatience } from '../context.ts';
import { failureOf } from '../failure.ts';
import { type ConnectorHealth, isPaused, readHealth, resumeLine } from '../health.ts';
import { mongoSource } from '../lint/known-settings.ts';
import { type Finding, isError, type RuleName } from '../lint/rules.ts';
import { brokenAtWorker } from '../lint/server-rules.ts';
import { differences, ownerOf, straysOf, wantedConfig } from '../reconcile.ts';
import { isBelow } from '../worker-version.ts';
import { type Diagnosis, diagnosed, notChecked, type Section, section } from './diagnosis.ts';

export async function diagnoseWorker(source: Source, context: Context): Promise<Section[]> {
  const rest = restOf(withoutPatience(context));
  try {
    return await examined(source, rest);
  } catch (error) {
    const reason = rootReasonOf(failureOf(error));
    const finding = diagnosed('worker-unreachable', 'Kafka Connect', `does not serve: ${reason}`);
    return [
      section('worker', rest.url, [finding]),
      notChecked('plugin', 'no worker answers'),
      diagnoseFiles(source, []),
      notChecked('connectors', 'no worker answers'),
    ];
  }
}

async function examined(source: Source, rest: ConnectRest): Promise<Section[]> {
  const { files } = source;
  const [version, plugins, configs] = await Promise.all([rest.version(), rest.plugins(), rest.configs()]);
  const [health, broken] = await Promise.all([
    readHealth(
      rest,
      files.map(({ name }) => name),
    ),
    brokenAtWorker(files, rest),
  ]);
  return [
    diagnoseVersion(rest.url, version),
    diagnosePlugins(files, plugins),
    diagnoseFiles(source, broken),
    diagnoseConnectors(source, configs, health),
  ];
}

const workerVersionMin = [3, 0, 0];
const pluginVersionMin = [1, 13, 1];

function diagnoseVersion(url: string, version: string): Section {
  const finding = diagnosed('worker-too-old', 'Kafka Connect', `has version ${version}`);
  return section('worker', `${url}, version ${version}`, isBelow(version, workerVersionMin) ? [finding] : []);
}

function diagnosePlugins(files: readonly PlainFile[], plugins: readonly Plugin[]): Section {
  const wanted = [...new Set(files.map(({ config }) => config['connector.class'] ?? ''))];
  const seen: string[] = [];
  const findings = wanted.flatMap((name): Diagnosis[] => {
    const plugin = plugins.find((one) => one.class === name);
    if (plugin === undefined) return [diagnosed('plugin-missing', name, 'is not installed')];
    const version = plugin.version ?? 'unknown';
    seen.push(`${name} ${version}`);
    return name === mongoSource && isBelow(version, pluginVersionMin)
      ? [diagnosed('plugin-too-old', name, `has version ${version}`)]
      : [];
  });
  return section('plugin', seen.join(', ') || 'none of the plugins that the files name', findings);
}

/** Told by sections of their own. */
const toldElsewhere: ReadonlySet<RuleName> = new Set(['plugin-missing', 'owned-by-another']);

function diagnoseFiles({ files, findings }: Source, atWorker: readonly Finding[]): Section {
  const errors = [...findings, ...atWorker].filter((one) => isError(one) && !toldElsewhere.has(one.rule));
  const faulty = [...new Set(errors.map(({ file }) => file))];
  const sound = files.filter(({ file }) => !faulty.includes(file)).length;
  return section(
    'files',
    `${sound} of ${new Set([...files.map(({ file }) => file), ...faulty]).size} free of errors`,
    faulty.map((file) => {
      const told = errors
        .filter((one) => one.file === file)
        .map(({ line, key, rule }) => `${rule} (line ${line}, ${key})`);
      return diagnosed('file-faulty', file, `breaks ${told.join('; ')}`);
    }),
  );
}

function notRunning(health: ConnectorHealth, about: string, actual: Config): Diagnosis {
  const { name, state, reason } = health;
  if (isBeginning(actual)) {
    const detail = `is ${state}: a restart of its copy was interrupted`;
    return diagnosed('connector-beginning', about, detail);
  }
  if (!isPaused(health)) return diagnosed('connector-not-running', about, `does not run: ${reason}`);
  const detail = `is ${state}: an operator paused or stopped it, and a restart does not change that`;
  return diagnosed('connector-paused', about, detail, resumeLine(name));
}

export function diagnoseConnectors(
  { files, whole }: Pick<Source, 'files' | 'whole'>,
  configs: ReadonlyMap<string, Config>,
  health: readonly ConnectorHealth[],
): Section {
  const findings = files.flatMap((file): Diagnosis[] => {
    const about = `connector ${file.name}`;
    const actual = configs.get(file.name);
    if (actual === undefined) return [diagnosed('connector-missing', about, 'is not there')];
    const theirs = ownerOf(actual);
    if (theirs !== undefined && theirs !== ownerOf(file.config))
      return [diagnosed('connector-of-another', about, `belongs to ${theirs}`)];
    const keys = differences(actual, wantedConfig(file))
      .map(({ key }) => key)
      .filter((key) => key !== beginningKey);
    const found = health.find(({ name }) => name === file.name);
    return [
      ...(found === undefined || (found.running && !isBeginning(actual)) ? [] : [notRunning(found, about, actual)]),
      ...(keys.length === 0
        ? []
        : [diagnosed('connector-differs', about, `differs from its file in ${keys.join(', ')}`)]),
    ];
  });
  const strays = whole ? straysOf(files, configs) : [];
  const running = health.filter((one) => one.running).length;
  return section('connectors', `${running} of ${files.length} run`, [
    ...findings,
    ...strays.map((name) => diagnosed('connector-stray', `connector ${name}`, 'is of our owner and has no file')),
  ]);
}
