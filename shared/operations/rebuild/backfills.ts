// Fills generations: those that this process was asked to fill, and those whose process lives no more. A backfill that fails is tried
// again until its generation is discarded or the process ends. At its end each document of both generations gets the higher of its two
// versions, so that the new one lacks nothing that a reader has seen.
import {
  type CrashAt,
  type Documents,
  isPlaceholder,
  type Logger,
  reasonOf,
  type StoredDocument,
} from '../../engine/index.ts';
import { type Backoff, backoffMs, createFeedGate, type FeedGate, pause } from '../../running/index.ts';
import { type BackfillEnds, fenced, fencedLive, type LivePorts } from './fenced.ts';
import type { Membership } from './membership.ts';
import { mergeJoin } from './merge-join.ts';
import type { Backfill, Generation, ModelRecord } from './model-record.ts';
import type { ModelStore } from './model-store.ts';
import type { GenerationCollection, RebuiltModel } from './rebuilt-model.ts';

const documentsAtOnceMax = 500;

/** Copies the newer document of each subject to the other generation. A write at the same time wins when its version is higher. */
export async function alignGenerations(
  live: GenerationCollection,
  filled: GenerationCollection,
  { signal, aligned = () => {} }: { readonly signal: AbortSignal; aligned?(count: number): void },
): Promise<void> {
  const lacking = { live: [] as string[], filled: [] as string[] };
  let count = 0;
  const flush = async (least: number) => {
    if (lacking.filled.length >= least)
      count += await takeOver(lacking.filled.splice(0), live.documents, filled.documents);
    if (lacking.live.length >= least) count += await takeOver(lacking.live.splice(0), filled.documents, live.documents);
    aligned(count);
  };
  for await (const { key, one, other } of mergeJoin(live.scanVersions(), filled.scanVersions())) {
    if (!other || (one && one.version > other.version)) lacking.filled.push(key);
    else if (!one || other.version > one.version) lacking.live.push(key);
    if (lacking.filled.length < documentsAtOnceMax && lacking.live.length < documentsAtOnceMax) continue;
    signal.throwIfAborted();
    await flush(documentsAtOnceMax);
  }
  signal.throwIfAborted();
  await flush(1);
}

async function takeOver(ids: readonly string[], from: Documents, to: Documents): Promise<number> {
  const found = await from.read(ids);
  await to.write([...found.values()].map(writeOf));
  return found.size;
}

function writeOf(document: StoredDocument) {
  return isPlaceholder(document) ? { placeholder: document._id } : { put: document };
}

export interface BackfillLimits {
  readonly reportEveryMs: number;
  readonly retry: Backoff;
}

export interface BackfillPorts extends Pick<LivePorts, 'gate' | 'held'> {
  readonly membership: Pick<Membership, 'id' | 'record' | 'whenFresh'>;
  readonly store: ModelStore;
  readonly models: readonly RebuiltModel[];
  readonly nowMs: () => number;
  readonly limits: BackfillLimits;
  readonly log: Logger;
  readonly crashPoint?: CrashAt | undefined;
}

export interface Backfills {
  /** Begins what is to be filled here and is not being filled. To be called now and then. @throws what the store throws */
  tend(): Promise<void>;
  /** Ends the writes of a backfill whose generation the record does not have any more; its reading may end later. */
  taking(record: ModelRecord): Promise<void>;
  close(): Promise<void>;
}

interface Running {
  readonly generation: string;
  readonly ending: AbortController;
  /** Its writes pass through it. */
  readonly gate: FeedGate;
  readonly done: Promise<void>;
}

export function createBackfills(ports: BackfillPorts): Backfills {
  const { membership, store, models, nowMs, limits, log, crashPoint } = ports;
  const running = new Map<string, Running>();
  /** Backfills that ended in this process: none begins again while an older record still says that it is being filled here. */
  const endedHere = new Set<string>();

  async function tend(): Promise<void> {
    for (const model of models) {
      const { other } = membership.record(model.name);
      if (other?.state !== 'backfilling' || !other.backfill || running.has(model.name)) continue;
      const { by } = other.backfill;
      if (by !== membership.id) endedHere.delete(other.name);
      if (endedHere.has(other.name)) continue;
      if (by !== membership.id && !(await takenFrom(model.name, other.name, by))) continue;
      begin(model, other, { ...other.backfill, by: membership.id });
    }
  }

  async function takenFrom(model: string, generation: string, by: string): Promise<boolean> {
    const living = await store.living();
    if (living.some(({ id }) => id === by)) return false;
    return store.takeBackfill(model, generation, by, membership.id);
  }

  function begin(model: RebuiltModel, { name }: Generation, fill: Backfill): void {
    const [ending, gate] = [new AbortController(), createFeedGate()];
    const done = backfillUntilDone(model, name, fill, { signal: ending.signal, gate }).finally(() =>
      running.delete(model.name),
    );
    running.set(model.name, { generation: name, ending, gate, done });
  }

  async function backfillUntilDone(
    model: RebuiltModel,
    generation: string,
    begun: Backfill,
    { signal, gate }: BackfillEnds,
  ) {
    let fill = begun;
    const about = { model: model.name, generation, from: begun.from };
    log.info(about, 'the backfill of a generation has begun');
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      try {
        fill = await backfillOnce(
          model,
          generation,
          { ...begun, done: 0, aligned: 0, trouble: undefined },
          { signal, gate },
        );
        if (signal.aborted) return;
        // Another may have taken it over meanwhile, and may end before it is done.
        const isMine = await store.backfilled(model.name, generation, membership.id);
        endedHere.add(generation);
        if (isMine) log.info({ ...about, ...fill }, 'a generation follows');
        return;
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ ...about, err: error, attempt }, 'a backfill failed; the backfill starts again');
        const trouble = reasonOf(error);
        // Shown as far as that is possible; the store itself may be what fails.
        await store.reportBackfill(model.name, generation, { ...fill, trouble }).catch(() => false);
        await pause(backoffMs(limits.retry, attempt), signal);
      }
    }
  }

  /** @returns what was done @throws what ended it */
  async function backfillOnce(
    model: RebuiltModel,
    generation: string,
    begun: Backfill,
    ends: BackfillEnds,
  ): Promise<Backfill> {
    const { signal } = ends;
    const source = model.sources.find(({ name }) => name === begun.from);
    if (!source) throw new Error(`this process does not have the source ${begun.from} of ${model.name}`);
    const target = fenced(model.collection(generation), ports, ends);
    let fill = begun;
    let saidMs = Number.NEGATIVE_INFINITY;
    let saying = Promise.resolve();
    const say = (more: Partial<Backfill>) => {
      fill = { ...fill, ...more };
      if (nowMs() - saidMs < limits.reportEveryMs) return;
      saidMs = nowMs();
      const shown = fill;
      saying = saying
        .then(() => store.reportBackfill(model.name, generation, shown))
        .then(
          () => {},
          () => {},
        );
    };
    await source.backfill(target.documents, {
      signal,
      report(done, of) {
        crashPoint?.('backfill-batch');
        say({ done, of: of ?? fill.of });
      },
    });
    signal.throwIfAborted();
    crashPoint?.('backfill-read');
    const live = fencedLive(model.collection(membership.record(model.name).live), ports, ends);
    await alignGenerations(live, target, { signal, aligned: (aligned) => say({ aligned }) });
    crashPoint?.('backfill-aligned');
    await saying;
    await store.reportBackfill(model.name, generation, fill);
    return fill;
  }

  /** Its reading, which a broker may keep for a while, is not waited for. */
  async function endWrites(model: string): Promise<void> {
    const fill = running.get(model);
    fill?.ending.abort(new Error('the backfill was ended'));
    fill?.gate.close();
    await fill?.gate.shut('the backfill was ended').quiet;
  }

  return {
    tend,
    async taking({ model, other }) {
      if (running.get(model)?.generation !== other?.name) await endWrites(model);
    },
    async close() {
      const fills = [...running.values()];
      await Promise.all([...running.keys()].map(endWrites));
      await Promise.all(fills.map(({ done }) => done));
    },
  };
}
