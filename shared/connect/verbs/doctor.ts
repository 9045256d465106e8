// `doctor`: looks at everything that the connectors stand on, changes nothing, and says what to do about each finding. Last it compares the
// number of records that ever came into each topic with the number of documents in its collection: fewer records mean that documents are
// missing in the topic, as after a topic was deleted; as many or more say nothing about completeness.
import { rootReasonOf } from '../../engine/index.ts';
import { pause } from '../../running/index.ts';
import { copiesExisting } from '../collection-counts.ts';
import { type ConnectorFile, filesThatCarry } from '../connector-file.ts';
import { type Context, counting, exitCodes, print, sourceOf, withoutPatience, withTargets } from '../context.ts';
import { diagnoseBroker } from '../doctor/broker.ts';
import {
  type Diagnosis,
  diagnosed,
  notChecked,
  reportAsText,
  reportOf,
  type Section,
  section,
} from '../doctor/diagnosis.ts';
import { diagnoseMongodb, readMongodb } from '../doctor/mongodb.ts';
import { diagnoseWorker } from '../doctor/worker.ts';
import { failureOf } from '../failure.ts';
import { readHealth } from '../health.ts';
import { maskUri } from '../secrets.ts';
import type { TopicAdmin } from '../topics.ts';

export async function doctor(paths: readonly string[], context: Context): Promise<number> {
  const source = await sourceOf(paths, context);
  const carrying = filesThatCarry(source.files);
  const [mongodb, broker, worker] = await Promise.all([
    mongodbSection(context),
    diagnoseBroker(carrying, context),
    diagnoseWorker(source, context),
  ]);
  // Needs all three: whichever is away is told above.
  const contents = [mongodb, ...broker, ...worker].some(isAway)
    ? notChecked('contents', 'it needs MongoDB, a broker and a worker')
    : await diagnoseContents(carrying, context);
  const report = reportOf([mongodb, ...broker, ...worker, contents]);
  print(context, report, reportAsText(report, context.colors));
  return report.healthy ? exitCodes.ok : exitCodes.error;
}

const away: ReadonlySet<string> = new Set([
  'mongodb-not-given',
  'mongodb-unreachable',
  'mongodb-login',
  'mongodb-no-replica-set',
  'mongodb-no-primary',
  'broker-unreachable',
  'broker-login',
  'broker-tls',
  'worker-unreachable',
]);

function isAway({ findings }: Section): boolean {
  return findings.some(({ code }) => away.has(code));
}

async function mongodbSection({ config, readMongodb: read = readMongodb }: Context): Promise<Section> {
  const { mongodbUri: uri, limits } = config;
  const state = uri === undefined ? undefined : await read(uri, limits.mongodbTimeoutMs);
  return diagnoseMongodb(uri && maskUri(uri), state, limits.oplogWindowMs);
}

async function diagnoseContents(files: readonly ConnectorFile[], given: Context): Promise<Section> {
  const countDocuments = counting(given);
  if (countDocuments === undefined) return notChecked('contents', 'MONGODB_URI is not set');
  const context = withoutPatience(given);
  try {
    return await withTargets(context, async ({ rest, topics }) => {
      const health = await readHealth(rest, names(files));
      const running = health.filter((one) => one.running).map(({ name }) => name);
      // One that does not run, or that never copies, leaves a difference for a reason that is told elsewhere.
      const checked = files.filter((file) => running.includes(file.name) && copiesExisting(file));
      return compared(checked, await countDocuments(checked), topics, context);
    });
  } catch (error) {
    return notChecked('contents', rootReasonOf(failureOf(error)));
  }
}

const names = (files: readonly ConnectorFile[]) => files.map(({ name }) => name);

async function compared(
  files: readonly ConnectorFile[],
  documents: ReadonlyMap<string, number>,
  topics: TopicAdmin,
  { config, signal }: Context,
): Promise<Section> {
  const counted = files.filter(({ name }) => documents.has(name));
  if (counted.length === 0) return notChecked('contents', 'no connector runs whose collection could be counted');
  const lengths = async () => topics.lengths(counted.map(({ topic }) => topic.name));
  const short = (now: ReadonlyMap<string, number>) =>
    counted.filter(({ name, topic }) => (now.get(topic.name) ?? 0) < (documents.get(name) ?? 0));
  const before = await lengths();
  let after = before;
  // A document may be on its way, and a connector may be copying.
  const untilMs = performance.now() + config.limits.topicMovesWithinMs;
  while (short(after).length > 0 && performance.now() < untilMs && !signal?.aborted) {
    await pause(config.limits.pollMs, signal);
    after = await lengths();
  }
  const behind = short(after).filter(({ topic }) => after.has(topic.name));
  const filling = behind.filter(({ topic }) => after.get(topic.name) !== before.get(topic.name));
  const findings = behind.flatMap((file): Diagnosis[] => {
    if (filling.includes(file)) return [];
    const { name, database, collection, topic } = file;
    const figures = `${after.get(topic.name)} records ever came into it, and ${documents.get(name)} documents of ${database}.${collection} belong there`;
    const todo = `npm run connect -- refill ${name}`;
    return [diagnosed('topic-shorter', `topic ${topic.name}`, `lacks documents: ${figures}`, todo)];
  });
  const detail = `${counted.length - behind.length} of ${files.length} topics got at least as many records as their collections hold documents`;
  return section('contents', filling.length === 0 ? detail : `${detail}; ${filling.length} being filled`, findings);
}
