// Rebuilds as an operator sees them: a new generation of a model beside the live one, the switch to it, the way back, its end,
// and the comparison of the two. All processes of a service may be asked; they agree in the store.
import { type Clock, type CrashAt, Failure, type Ids, type Logger } from '../../engine/index.ts';
import { begun, ended, listing } from '../verification/verification.ts';
import { verify } from '../verification/verify.ts';
import { type BackfillLimits, createBackfills } from './backfills.ts';
import { type CompareLimits, type Comparison, sideBySide } from './compare.ts';
import type { LivePorts } from './fenced.ts';
import type { Membership, MembershipLimits } from './membership.ts';
import {
  assertMeant,
  discarded,
  type ModelRecord,
  nextName,
  type Pointers,
  rolledBack,
  started,
  switched,
} from './model-record.ts';
import type { ModelStore } from './model-store.ts';
import type { RebuiltModel } from './rebuilt-model.ts';
import { type SwitchoverResult, switchOver } from './switchover.ts';

export interface RebuildPorts extends Pick<LivePorts, 'gate' | 'held'> {
  readonly membership: Membership;
  readonly store: ModelStore;
  readonly models: readonly RebuiltModel[];
  readonly clock: Clock;
  readonly ids: Ids;
  readonly nowMs: () => number;
  readonly limits: MembershipLimits & BackfillLimits & CompareLimits;
  readonly log: Logger;
  readonly crashPoint?: CrashAt | undefined;
}

export interface KnownModel {
  readonly record: ModelRecord;
  /** The names of what it can be filled from; the first one is used unless another is named. */
  readonly sources: readonly string[];
  /** The last one that was asked of this process. */
  readonly comparison: Comparison | undefined;
}

/** Each is refused by a Failure: `not-found` naming the models, `rebuild-refused` with the reason, `pause-not-agreed`. */
export interface Rebuilds {
  models(): Promise<readonly KnownModel[]>;
  /** Returns once the new generation is written to; it is filled in the background. */
  start(model: string, from?: string): Promise<SwitchoverResult>;
  switch(model: string, generation?: string): Promise<SwitchoverResult>;
  rollback(model: string, generation?: string): Promise<SwitchoverResult>;
  discard(model: string, generation?: string): Promise<SwitchoverResult>;
  /** Begins one in the background. */
  compare(model: string): Comparison;
  /** To be called before a changed record is taken over. */
  taking(record: ModelRecord): Promise<void>;
  close(): Promise<void>;
}

/** How many documents of other folds are counted at most. */
const otherFoldsMax = 1000;

export function createRebuilds(ports: RebuildPorts): Rebuilds {
  const { membership, store, models, clock, limits, log } = ports;
  const closing = new AbortController();
  const comparisons = new Map<string, { readonly comparison: Comparison; readonly done: Promise<void> }>();
  const backfills = createBackfills(ports);
  let tending: Promise<void> | undefined;
  const timer = setInterval(tend, limits.lookEveryMs);

  function modelOf(name: string): RebuiltModel {
    const found = models.find((model) => model.name === name);
    if (found) return found;
    const names = models.map((model) => model.name).join(', ');
    throw new Failure('not-found', `There is no model ${name} here. There are: ${names}.`);
  }

  /** What other processes left: a backfill that nobody goes on with, a collection that is to be dropped. */
  function tend(): void {
    tending ??= Promise.all([backfills.tend(), ...models.map((model) => dropDiscarded(model))])
      .then(() => {})
      .catch((error: unknown) => log.warn({ err: error }, 'the leftover generations could not be handled'))
      .finally(() => {
        tending = undefined;
      });
  }

  /** Drops nothing during a switchover: a process that has not taken it over yet may still write to these collections. */
  async function dropDiscarded(model: RebuiltModel): Promise<void> {
    const { dropping, switchover: going } = membership.record(model.name);
    if (going) return;
    for (const generation of dropping) {
      await model.collection(generation).drop();
      await store.dropped(model.name, generation);
      log.info({ model: model.name, generation }, 'a generation was dropped');
    }
  }

  function sourceOf(model: RebuiltModel, name: string | undefined) {
    const found = name === undefined ? model.sources[0] : model.sources.find((source) => source.name === name);
    if (found) return found;
    const names = model.sources.map((source) => source.name).join(', ');
    throw new Failure('not-found', `${name} is no source for a backfill of ${model.name}. The sources are: ${names}.`);
  }

  async function start(name: string, from?: string): Promise<SwitchoverResult> {
    const model = modelOf(name);
    const source = sourceOf(model, from);
    const change = (record: ModelRecord) =>
      started(record, { from: source.name, unit: source.unit, by: membership.id }, clock.now());
    await membership.look();
    change(membership.record(name));
    const fault = await source.unusable();
    if (fault !== undefined) {
      const others = model.sources.flatMap((other) => (other === source ? [] : other.name)).join(', ');
      const wayOut = others === '' ? '' : ` Name another source: ${others}.`;
      throw new Failure('rebuild-refused', `The backfill of ${name} cannot use ${source.name}: ${fault}.${wayOut}`);
    }
    const collection = model.collection(nextName(membership.record(name)));
    await collection.prepare();
    const moved = await switchOver(ports, name, 'start', change);
    tend();
    return moved;
  }

  /** Documents that the source did not bring were taken over as they were; readers would get them until the subject's next event. */
  async function assertOfThisFold(model: RebuiltModel, generation: string | undefined): Promise<void> {
    await membership.look();
    const record = membership.record(model.name);
    assertMeant(record, generation);
    const { live } = switched(record, clock.now());
    const count = await model.collection(live).countOfOtherFolds(model.foldVersion, otherFoldsMax);
    if (count === 0) return;
    const many = `${count}${count === otherFoldsMax ? ' or more' : ''}`;
    const what = `${many} documents of ${live} were written by another fold than version ${model.foldVersion} of this code`;
    const way = 'Discard the generation and rebuild from a source that has all events, with this code in all processes';
    throw new Failure('rebuild-refused', `${what}. ${way}.`);
  }

  const changing =
    (kind: 'switch' | 'rollback' | 'discard', change: (record: ModelRecord) => Pointers) =>
    async (name: string, generation?: string): Promise<SwitchoverResult> => {
      modelOf(name);
      const moved = await switchOver(ports, name, kind, (record) => {
        assertMeant(record, generation);
        return change(record);
      });
      log.info(
        { model: name, kind, live: moved.record.live, stoodStillMs: moved.stoodStillMs },
        'the generations changed',
      );
      return moved;
    };

  return {
    async models() {
      await membership.whenFresh();
      return models.map(({ name, sources }) => ({
        record: membership.record(name),
        sources: sources.map((source) => source.name),
        comparison: comparisons.get(name)?.comparison,
      }));
    },
    start,
    async switch(name, generation) {
      await assertOfThisFold(modelOf(name), generation);
      return changing('switch', (record) => switched(record, clock.now()))(name, generation);
    },
    rollback: changing('rollback', (record) => rolledBack(record, clock.now())),
    async discard(name, generation) {
      const moved = await changing('discard', discarded)(name, generation);
      await dropDiscarded(modelOf(name));
      return { ...moved, record: membership.record(name) };
    },
    compare(name) {
      const model = modelOf(name);
      const { live, other } = membership.record(name);
      if (!other)
        throw new Failure('rebuild-refused', `${name} has only ${live}: there is nothing to compare it with.`);
      if (comparisons.get(name)?.comparison.state === 'running')
        throw new Failure('rebuild-refused', `A comparison of ${name} is running; ask again when it has ended.`);
      const begin = { id: ports.ids.next(), model: name, repair: false, startedAt: clock.now() };
      const comparison: Comparison = { ...begun(begin), live, other: other.name };
      const { figures } = comparison;
      const { signal } = closing;
      const looks = sideBySide({
        live: model.collection(live),
        other: model.collection(other.name),
        figures,
        settleMs: limits.settleMs,
        signal,
      });
      const work = () => verify(looks, { figures, found: listing(comparison, limits.findingsMax) });
      comparisons.set(name, { comparison, done: ended(comparison, work, { clock, log, signal }) });
      return comparison;
    },
    taking: (record) => backfills.taking(record),
    async close() {
      clearInterval(timer);
      closing.abort(new Error('the service was stopped'));
      await tending;
      await backfills.close();
      await Promise.all([...comparisons.values()].map(({ done }) => done));
    },
  };
}
