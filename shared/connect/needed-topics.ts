// The topics that a connector needs besides its own: those of its heartbeats and of its dead letters. A source task sends to them in the
// same order as its records, so one missing topic stops the whole connector while the worker says RUNNING.

import { type Config, list, matchesName } from './config-values.ts';
import type { ConnectorFile, TopicSpec } from './connector-file.ts';

/** A topic that no file describes as its own, and the connectors that send to it. */
export interface SupportTopic extends TopicSpec {
  readonly neededBy: readonly string[];
}

/** What the MongoDB connector calls its heartbeat topic where its file names none. */
const heartbeatDefault = '__mongodb_heartbeats';
/** Heartbeats are read by nobody: one partition, and one hour of them, are enough. */
const heartbeatSettings: Config = { 'retention.ms': '3600000', 'segment.ms': '3600000' };

/** Each topic once, with the settings of the first file that needs it. A topic that is some file's own is left out. */
export function supportTopicsOf(files: readonly ConnectorFile[]): SupportTopic[] {
  const own = new Set(files.map(({ topic }) => topic.name));
  const found = new Map<string, SupportTopic>();
  for (const file of files) {
    for (const spec of supportTopicsIn(file.config)) {
      if (own.has(spec.name)) continue;
      const { neededBy, ...known } = found.get(spec.name) ?? { ...spec, neededBy: [] };
      found.set(spec.name, { ...known, neededBy: [...neededBy, file.name] });
    }
  }
  return [...found.values()];
}

/** Every topic that must be there before the connectors of these files run. */
export function neededTopicsOf(files: readonly ConnectorFile[]): TopicSpec[] {
  return [...files.map(({ topic }) => topic), ...supportTopicsOf(files)];
}

function supportTopicsIn(config: Config): TopicSpec[] {
  const beats = Number(config['heartbeat.interval.ms'] ?? 0) > 0;
  const heartbeats = beats ? [config['heartbeat.topic.name'] || heartbeatDefault] : [];
  const deadLetters = ['errors.deadletterqueue.topic.name', 'mongo.errors.deadletterqueue.topic.name'].flatMap(
    (key) => config[key] || [],
  );
  return [
    ...heartbeats.map((name) => topicAsCreated(name, config, heartbeatSettings)),
    ...[...new Set(deadLetters)].map((name) => topicAsCreated(name, config, {})),
  ];
}

/** As `topic.creation.<group>` describes it where a group includes it, so that the worker would make the same one. */
function topicAsCreated(name: string, config: Config, otherwise: Config): TopicSpec {
  const group = list(config['topic.creation.groups']).find((one) => isIncluded(name, one, config));
  if (group === undefined) return { name, partitions: 1, config: otherwise };
  const prefix = `topic.creation.${group}.`;
  const {
    include: _,
    exclude: __,
    partitions,
    'replication.factor': ___,
    ...settings
  } = Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), value]),
  );
  return { name, partitions: Math.max(1, Number(partitions) || 1), config: settings };
}

function isIncluded(name: string, group: string, config: Config): boolean {
  const matches = (key: string) => list(config[`topic.creation.${group}.${key}`]).some((one) => matchesName(one, name));
  return matches('include') && !matches('exclude');
}
