// Fills generations: those that this process was asked to fill, and those whose process lives no more. A fill that fails is tried
// again until its generation is discarded or the process ends; nothing of it is live before all of it is done.

import { type CrashAt, type Logger, reasonOf } from '../../engine/index.ts';
import { type Backoff, backoffMs, createFeedGate, type FeedGate, pause } from '../../running/index.ts';
import { type FillEnds, fenced, fencedLive, type LivePorts } from './fenced.ts';
import type { Keeper } from './keeper.ts';
import { level } from './level.ts';
import type { Fill, Generation, ModelRecord } from './model-record.ts';
import type { ModelStore } from './model-store.ts';
import type { RebuiltModel } from './rebuilt-model.ts';

export interface FillingLimits {
  readonly reportEveryMs: number;
  readonly retry: Backoff;
}

export interface FillingPorts extends Pick<LivePorts, 'gate' | 'held'> {
  readonly keeper: Pick<Keeper, 'id' | 'record' | 'whenFresh'>;
  readonly store: ModelStore;
  readonly models: readonly RebuiltModel[];
  readonly nowMs: () => number;
  readonly limits: FillingLimits;
  readonly log: Logger;
  readonly crashPoint?: CrashAt | undefined;
}

export interface Filling {
  /** Begins what is to be filled here and is not being filled. To be called now and then. @throws what the store throws */
  tend(): Promise<void>;
  /** Ends the writes of a fill whose generation the record does not have any more; its reading may end later. */
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

export function createFilling(ports: FillingPorts): Filling {
  const { keeper, store, models, nowMs, limits, log, crashPoint } = ports;
  const running = new Map<string, Running>();
  /** What ended here, filled or taken over, is not begun again while an older record still says that it is being filled here. */
  const endedHere = new Set<string>();

  async function tend(): Promise<void> {
    for (const model of models) {
      const { other } = keeper.record(model.name);
      if (other?.state !== 'filling' || !other.fill || running.has(model.name)) continue;
      const { by } = other.fill;
      if (by !== keeper.id) endedHere.delete(other.name);
      if (endedHere.has(other.name)) continue;
      if (by !== keeper.id && !(await takenFrom(model.name, other.name, by))) continue;
      begin(model, other, { ...other.fill, by: keeper.id });
    }
  }

  async function takenFrom(model: string, generation: string, by: string): Promise<boolean> {
    const living = await store.living();
    if (living.some(({ id }) => id === by)) return false;
    return store.takeFill(model, generation, by, keeper.id);
  }

  function begin(model: RebuiltModel, { name }: Generation, fill: Fill): void {
    const [ending, gate] = [new AbortController(), createFeedGate()];
    const done = fillUntilDone(model, name, fill, { signal: ending.signal, gate }).finally(() =>
      running.delete(model.name),
    );
    running.set(model.name, { generation: name, ending, gate, done });
  }

  async function fillUntilDone(model: RebuiltModel, generation: string, begun: Fill, { signal, gate }: FillEnds) {
    let fill = begun;
    const about = { model: model.name, generation, from: begun.from };
    log.info(about, 'a generation is being filled');
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      try {
        fill = await fillOnce(
          model,
          generation,
          { ...begun, done: 0, levelled: 0, trouble: undefined },
          { signal, gate },
        );
        if (signal.aborted) return;
        // Another may have taken it over meanwhile, and may end before it is done.
        const isMine = await store.filled(model.name, generation, keeper.id);
        endedHere.add(generation);
        if (isMine) log.info({ ...about, ...fill }, 'a generation follows');
        return;
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ ...about, err: error, attempt }, 'a fill ended; it begins anew');
        const trouble = reasonOf(error);
        // Shown as far as that is possible; the store itself may be what fails.
        await store.report(model.name, generation, { ...fill, trouble }).catch(() => false);
        await pause(backoffMs(limits.retry, attempt), signal);
      }
    }
  }

  /** @returns what was done @throws what ended it */
  async function fillOnce(model: RebuiltModel, generation: string, begun: Fill, ends: FillEnds): Promise<Fill> {
    const { signal } = ends;
    const source = model.sources.find(({ name }) => name === begun.from);
    if (!source) throw new Error(`this process has no source ${begun.from} for ${model.name}`);
    const target = fenced(model.collection(generation), ports, ends);
    let fill = begun;
    let saidMs = Number.NEGATIVE_INFINITY;
    let saying = Promise.resolve();
    const say = (more: Partial<Fill>) => {
      fill = { ...fill, ...more };
      if (nowMs() - saidMs < limits.reportEveryMs) return;
      saidMs = nowMs();
      const shown = fill;
      saying = saying
        .then(() => store.report(model.name, generation, shown))
        .then(
          () => {},
          () => {},
        );
    };
    await source.fill(target.documents, {
      signal,
      report(done, of) {
        crashPoint?.('fill-batch');
        say({ done, of: of ?? fill.of });
      },
    });
    signal.throwIfAborted();
    crashPoint?.('fill-read');
    const live = fencedLive(model.collection(keeper.record(model.name).live), ports, ends);
    await level(live, target, { signal, levelled: (levelled) => say({ levelled }) });
    crashPoint?.('fill-levelled');
    await saying;
    await store.report(model.name, generation, fill);
    return fill;
  }

  /** Its reading, which a broker may keep for a while, is not waited for. */
  async function endWrites(model: string): Promise<void> {
    const fill = running.get(model);
    fill?.ending.abort(new Error('the fill was ended'));
    fill?.gate.close();
    await fill?.gate.shut('the fill was ended').quiet;
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
