// What is wrong with the broker and with the topics that the files describe.

import { rootReasonOf } from '../../engine/index.ts';
import type { ConnectorFile } from '../connector-file.ts';
import { type Context, withTopics } from '../context.ts';
import { type ConnectFailure, isConnectFailure } from '../failure.ts';
import { supportTopicsOf } from '../needed-topics.ts';
import { differences } from '../reconcile.ts';
import type { ActualTopic } from '../topics.ts';
import { type Diagnosis, diagnosed, notChecked, type Section, section } from './diagnosis.ts';
import { diagnoseInForce } from './in-force.ts';
import { diagnoseSupport } from './support-topics.ts';

export async function diagnoseBroker(files: readonly ConnectorFile[], context: Context): Promise<Section[]> {
  const brokers = context.config.brokers.join(',');
  try {
    const limits = { ...context.config.limits, kafkaRetries: 0 };
    const support = supportTopicsOf(files);
    const [topics, existing] = await withTopics(context, limits, (admin) =>
      Promise.all([
        admin.describe(files.map(({ topic }) => topic.name)),
        admin.existing(support.map(({ name }) => name)),
      ]),
    );
    return [section('broker', brokers), diagnoseTopics(files, topics, diagnoseSupport(support, existing))];
  } catch (error) {
    if (!isConnectFailure(error)) throw error;
    const finding = findingOf(error);
    return [section('broker', brokers, [finding]), notChecked('topics', 'no broker answers')];
  }
}

function findingOf(failure: ConnectFailure): Diagnosis {
  const reason = rootReasonOf(failure);
  if (failure.code === 'kafka-login') return diagnosed('broker-login', 'Kafka', reason);
  if (failure.code === 'kafka-tls') return diagnosed('broker-tls', 'Kafka', reason);
  return diagnosed('broker-unreachable', 'Kafka', `does not serve: ${reason}`);
}

function diagnoseTopics(
  files: readonly ConnectorFile[],
  topics: ReadonlyMap<string, ActualTopic>,
  ofSupport: readonly Diagnosis[],
): Section {
  const findings = files.flatMap((file): Diagnosis[] => {
    const { topic } = file;
    const about = `topic ${topic.name}`;
    const actual = topics.get(topic.name);
    if (actual === undefined) return [diagnosed('topic-missing', about, 'is not there')];
    const { partitions } = topic;
    const moved = `has ${actual.partitions} partitions, and its file says ${partitions}`;
    const differ = differences(actual.config, topic.config, true);
    const told = differ.map(({ key, from, to }) => `${key}=${from ?? 'nothing'}, not ${to}`).join('; ');
    return [
      ...(actual.partitions === partitions ? [] : [diagnosed('topic-partitions', about, moved)]),
      ...(differ.length === 0 ? [] : [diagnosed('topic-settings', about, `has ${told}`)]),
      ...diagnoseInForce(file, actual),
    ];
  });
  const wrong = new Set(findings.map(({ about }) => about)).size;
  return section('topics', `${files.length - wrong} of ${files.length} as their files say`, [
    ...findings,
    ...ofSupport,
  ]);
}
