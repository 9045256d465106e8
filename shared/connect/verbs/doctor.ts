// `doctor`: looks at everything that the connectors stand on, changes nothing, and says what to do about what it finds.
import { filesThatCarry } from '../connector-file.ts';
import { type Context, exitCodes, print, sourceOf } from '../context.ts';
import { diagnoseBroker } from '../doctor/broker.ts';
import { diagnoseContents } from '../doctor/contents.ts';
import { notChecked, reportAsText, reportOf, type Section } from '../doctor/diagnosis.ts';
import { diagnoseMongodb } from '../doctor/mongodb.ts';
import { readMongodb } from '../doctor/mongodb-state.ts';
import { diagnoseWorker } from '../doctor/worker.ts';
import { maskUri } from '../secrets.ts';

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
