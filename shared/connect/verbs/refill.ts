// `refill`: restarts the copy of connectors, so that their topics get every document of their collections again, with progress. A topic is
// made where it is missing. Done is said only after a comparison: as many records came as the collection has documents to copy, and the
// connector no longer says that it copies.
import { agreed } from '../../terminal/index.ts';
import { beginAnew, isCopying } from '../begin-anew.ts';
import { copiesExisting } from '../collection-counts.ts';
import { type ConnectorFile, filesThatCarry, refuseErrors } from '../connector-file.ts';
import {
  type Context,
  codeOf,
  counting,
  exitCodes,
  type Flags,
  print,
  sourceOf,
  withPatience,
  withTargets,
} from '../context.ts';
import { ConnectFailure, failureOf, isConnectFailure } from '../failure.ts';
import { isFailed, readHealth } from '../health.ts';
import { supportTopicsOf } from '../needed-topics.ts';
import { ownerOf } from '../reconcile.ts';
import { type AtWorker, pauseWhile, type Targets } from '../wait.ts';
import { requireOffsets } from '../worker-version.ts';

interface RefillFlags extends Flags {
  /** Files or folders in which the names are looked for. */
  readonly files?: readonly string[] | undefined;
}

interface Outcome extends Partial<Refilled> {
  readonly name: string;
  readonly outcome: 'refilled' | 'failed';
  readonly error: string | null;
}

export async function refillConnectors(names: readonly string[], given: Context, flags: RefillFlags): Promise<number> {
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

interface Refilling extends AtWorker, Targets {
  /** How many documents it copies; undefined where nobody can count them. */
  readonly count: (file: ConnectorFile) => Promise<number | undefined>;
  /** Told when it changes. */
  readonly onProgress: (records: number, documents: number | undefined) => void;
}

interface Refilled {
  readonly name: string;
  readonly topic: string;
  /** That came into the topic since the connector began anew. */
  readonly records: number;
  /** That the collection has for it; null: not counted. */
  readonly documents: number | null;
}

/** Refuses before anything is changed. @throws `worker-refused`, `file-invalid` */
async function assertCanRefill(file: ConnectorFile, { rest }: Pick<AtWorker, 'rest'>): Promise<void> {
  const { name } = file;
  if (!copiesExisting(file))
    throw new ConnectFailure(
      'file-invalid',
      `${file.file} does not say startup.mode=copy_existing: a connector that begins anew by it would leave out everything that is stored. Write copy_existing, and apply the file.`,
    );
  const actual = await rest.config(name);
  if (actual === undefined)
    throw new ConnectFailure(
      'worker-refused',
      `There is no connector ${name} at ${rest.url}: npm run connect -- apply`,
    );
  const theirs = ownerOf(actual);
  if (theirs !== undefined && theirs !== ownerOf(file.config))
    throw new ConnectFailure('worker-refused', `The connector ${name} of ${rest.url} belongs to ${theirs}.`);
}

/** @throws `not-healthy` when its task fails, or the copies do not come in time, or are fewer than the documents */
async function refill(file: ConnectorFile, options: Refilling): Promise<Refilled> {
  const { topics } = options;
  const { name, topic } = file;
  let before = 0;
  await beginAnew(file, options, async () => {
    const needed = [topic, ...supportTopicsOf([file])];
    const existing = await topics.existing(needed.map((one) => one.name));
    for (const spec of needed) if (!existing.has(spec.name)) await topics.create(spec);
    before = (await topics.lengths([topic.name])).get(topic.name) ?? 0;
  });
  const copied = await untilCopied(file, before, await options.count(file), options);
  return { name, topic: topic.name, ...copied };
}

async function untilCopied(
  file: ConnectorFile,
  before: number,
  documents: number | undefined,
  { rest, topics, limits, signal, count, onProgress }: Refilling,
): Promise<Pick<Refilled, 'records' | 'documents'>> {
  const { name, topic } = file;
  const untilMs = performance.now() + limits.refillWithinMs;
  const how = (records: number) =>
    `${records} records of ${documents ?? 'an unknown number of'} documents came into ${topic.name}`;
  let wanted = documents;
  let told = -1;
  for (;;) {
    const [offsets = [], [health]] = await Promise.all([rest.offsets(name), readHealth(rest, [name])]);
    // Asked after the offsets: these are stored once the records before them are in the topic.
    const lengths = await topics.lengths([topic.name]);
    const records = (lengths.get(topic.name) ?? 0) - before;
    if (records !== told) onProgress(records, documents);
    told = records;
    const hasCopied = offsets.length > 0 && !isCopying(offsets);
    if (isDone(records, wanted, hasCopied)) return { records, documents: wanted ?? null };
    if (health !== undefined && isFailed(health))
      throw new ConnectFailure('not-healthy', `${health.reason}; ${how(records)}.`);
    if (hasCopied && wanted !== undefined) {
      // Some may have been deleted since they were counted; where nobody can say so, the first count stands.
      const now = (await count(file)) ?? wanted;
      if (now > records)
        throw new ConnectFailure(
          'not-healthy',
          `Connector ${name} has ended its copy, and ${how(records)}: look for what its copy pipeline, or a namespace regex, leaves out.`,
        );
      wanted = now;
    }
    if (performance.now() > untilMs)
      throw new ConnectFailure(
        'not-healthy',
        `After ${limits.refillWithinMs} ms ${how(records)}; the connector goes on by itself. Give it longer by --wait or CONNECT_REFILL_WITHIN_MS.`,
      );
    await pauseWhile(`the topic of ${name} is being filled`, limits.pollMs, signal);
  }
}

/** Records may have come twice, so that their number alone says nothing. Where nobody can count, the connector's word alone has to do. */
function isDone(records: number, documents: number | undefined, hasCopied: boolean): boolean {
  return documents === 0 || (hasCopied && records >= (documents ?? 0));
}
