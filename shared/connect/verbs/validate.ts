// `validate`: all findings of the rules about the files. Worker and broker are asked too when they answer, and are not needed.

import { type ConnectorFile, filesThatCarry, type PlainFile } from '../connector-file.ts';
import { type Context, exitCodes, json, restOf, sourceOf, withoutPatience, withTargets } from '../context.ts';
import { isConnectFailure } from '../failure.ts';
import { type Finding, inOrder, isError } from '../lint/rules.ts';
import { brokenAtBroker, brokenAtWorker } from '../lint/server-rules.ts';
import { findingsAsText } from '../output.ts';

const reachableWithinMs = 2_000;

export async function validate(paths: readonly string[], context: Context): Promise<number> {
  const { stdout, stderr, format, colors } = context;
  const source = await sourceOf(paths, context);
  const asked = async (who: string, found: Finding[] | undefined): Promise<readonly Finding[]> => {
    if (found === undefined) stderr(`${who}: what only it knows was not checked.`);
    return found ?? [];
  };
  const { connectUrl, brokers } = context.config;
  const [worker, broker] = await Promise.all([
    atWorker(source.files, context),
    atBroker(filesThatCarry(source.files), context),
  ]);
  const findings = inOrder([
    ...source.findings,
    ...(await asked(`No worker answers at ${connectUrl}`, worker)),
    ...(await asked(`No broker answers at ${brokers.join(',')}`, broker)),
  ]);
  const valid = !findings.some(isError);
  if (format === 'json') {
    const state = (found: Finding[] | undefined) => (found === undefined ? 'not-asked' : 'asked');
    stdout(json({ valid, faults: findings, worker: state(worker), broker: state(broker) }));
  } else {
    const sound = source.files.filter(({ file }) => !findings.some((one) => isError(one) && one.file === file));
    stdout(findingsAsText(findings, colors, sound.length));
  }
  return valid ? exitCodes.ok : exitCodes.error;
}

/** undefined when there is nobody to ask, or nothing to ask about. */
async function atWorker(files: readonly PlainFile[], context: Context): Promise<Finding[] | undefined> {
  const rest = restOf(context);
  return (await rest.reachable(reachableWithinMs)) ? brokenAtWorker(files, rest) : undefined;
}

async function atBroker(files: readonly ConnectorFile[], context: Context): Promise<Finding[] | undefined> {
  try {
    return await withTargets(withoutPatience(context), async ({ topics }) =>
      brokenAtBroker(files, await topics.describe(files.map(({ topic }) => topic.name))),
    );
  } catch (error) {
    if (isConnectFailure(error, 'kafka-unreachable')) return undefined;
    throw error;
  }
}
