// `refill`: restarts the copy of connectors, so that their topics get every document of their collections again, with progress.
import { agreed } from '../../terminal/index.ts';
import { filesThatCarry, refuseErrors } from '../connector-file.ts';
import { type Context, codeOf, counting, exitCodes, print, sourceOf, withPatience, withTargets } from '../context.ts';
import { ConnectFailure, failureOf, isConnectFailure } from '../failure.ts';
import { assertCanRefill, type Refilled, refill } from '../refill.ts';
import { requireOffsets } from '../worker-version.ts';

interface RefillFlags {
  readonly yes?: boolean | undefined;
  /** Files or folders in which the names are looked for. */
  readonly files?: readonly string[] | undefined;
  /** Seconds that each may take. */
  readonly wait?: number | undefined;
}

interface Outcome extends Partial<Refilled> {
  readonly name: string;
  readonly outcome: 'refilled' | 'failed';
  readonly error: string | null;
}

export async function refillConnectors(names: readonly string[], flags: RefillFlags, given: Context): Promise<number> {
  const context = withPatience(given, flags.wait, 'refillWithinMs');
  const { config, signal, stderr, colors } = context;
  const { files: all, findings } = await sourceOf(flags.files ?? [], context);
  const files = filesThatCarry(all);
  const wanted = names.map((name) => {
    const file = files.find((one) => one.name === name);
    if (file !== undefined) return file;
    const known = files.map((one) => one.name).join(', ');
    throw new ConnectFailure(
      'file-invalid',
      `No file describes connector ${name}; there are ${known}. Name others by --files.`,
    );
  });
  const theirs = new Set(wanted.map(({ file }) => file));
  refuseErrors(findings.filter(({ file }) => theirs.has(file)));
  return withTargets(context, async ({ rest, topics }) => {
    await requireOffsets(rest, 'a refill');
    for (const file of wanted) await assertCanRefill(file, { rest });
    const question = `Let ${names.join(', ')} begin anew? Everything that is stored is sent again.`;
    if (!(await agreed(question, flags.yes, context))) return exitCodes.error;
    const countDocuments = counting(context);
    if (countDocuments === undefined)
      stderr('MONGODB_URI is not set: documents are not counted, and the connector alone says when it has copied all.');
    const outcomes: Outcome[] = [];
    for (const file of wanted) {
      const { name } = file;
      stderr(`refilling topic ${file.topic.name}: connector ${name} begins anew`);
      try {
        const refilled = await refill(file, {
          rest,
          topics,
          limits: config.limits,
          signal,
          count: async (one) => (await countDocuments?.([one]))?.get(one.name),
          onProgress: throttled(config.limits.watchEveryMs, (records, documents) =>
            stderr(`${name}: ${records} of ${documents ?? 'an unknown number of'} documents`),
          ),
        });
        outcomes.push({ ...refilled, outcome: 'refilled', error: null });
      } catch (error) {
        if (isConnectFailure(error, 'aborted')) throw stoppedAfter(outcomes, name, error);
        outcomes.push({ name, outcome: 'failed', error: failureOf(error).message });
      }
    }
    const lines = outcomes.map(({ name, topic, records, documents, error }) => {
      if (error !== null) return colors.red(`failed connector ${name}: ${error}`);
      const compared = documents === null ? 'documents were not counted' : `for ${documents} documents`;
      return colors.green(`refilled topic ${topic}: ${records} records, ${compared}`);
    });
    print(context, { refilled: outcomes }, lines);
    return codeOf(outcomes);
  });
}

function stoppedAfter(outcomes: readonly Outcome[], name: string, error: ConnectFailure): ConnectFailure {
  const before = outcomes.map((one) => `${one.outcome} ${one.name}`).join(', ') || 'nothing';
  const message = `${error.message} Done before: ${before}. Connector ${name} goes on by itself if it copies already, and doctor shows when its topic is complete; else npm run connect -- apply finishes the restart of its copy.`;
  return new ConnectFailure('aborted', message, { cause: error });
}

type Progress = (records: number, documents: number | undefined) => void;

function throttled(everyMs: number, tell: Progress): Progress {
  let nextMs = 0;
  return (records, documents) => {
    if (performance.now() < nextMs) return;
    nextMs = performance.now() + everyMs;
    tell(records, documents);
  };
}
