// The generations of models in memory, for tests. The store takes the time from the clock that is passed in.
import type { Clock } from '../../engine/index.ts';
import {
  type Backfill,
  firstRecord,
  type Generation,
  type ModelRecord,
  type ModelStore,
  type ProcessState,
} from '../../operations/ports.ts';

export function inMemoryModelStore(clock: Clock = { now: () => new Date() }): ModelStore {
  const records = new Map<string, ModelRecord>();
  const untilMs = new Map<string, number>();
  const processes = new Map<string, { state: ProcessState; untilMs: number }>();
  const nowMs = () => clock.now().getTime();

  function change(model: string, when: (record: ModelRecord) => boolean, to: (record: ModelRecord) => ModelRecord) {
    const record = records.get(model);
    if (!record || !when(record)) return false;
    records.set(model, structuredClone(to(record)));
    return true;
  }

  const isAsked = (switchoverId: string) => (record: ModelRecord) =>
    record.switchover?.id === switchoverId && !record.switchover.moved;
  const isOverdue = (switchoverId: string) => nowMs() >= (untilMs.get(switchoverId) ?? 0);

  function changeFill(
    model: string,
    generation: string,
    by: string,
    to: (other: Generation, backfill: Backfill) => Generation,
    raise = 0,
  ) {
    const isIt = ({ other }: ModelRecord) =>
      other?.name === generation && other.state === 'backfilling' && other.backfill?.by === by;
    return change(model, isIt, (record) => {
      const other = record.other as Generation;
      return { ...record, revision: record.revision + raise, other: to(other, other.backfill as Backfill) };
    });
  }

  return {
    async open(model) {
      if (!records.has(model)) records.set(model, firstRecord(model));
    },
    all: async () => structuredClone([...records.values()]),
    async renew(state, leaseMs) {
      processes.set(state.id, { state: structuredClone(state), untilMs: nowMs() + leaseMs });
    },
    living: async () => [...processes.values()].filter((one) => one.untilMs > nowMs()).map(({ state }) => state),
    async leave(processId) {
      processes.delete(processId);
    },
    async ask({ model, revision }, { id, kind }, withinMs) {
      untilMs.set(id, nowMs() + withinMs);
      return change(
        model,
        (record) => record.revision === revision && !record.switchover,
        (record) => ({ ...record, switchover: { id, kind, moved: false } }),
      );
    },
    carryOut: async (model, switchoverId, pointers) =>
      !isOverdue(switchoverId) &&
      change(model, isAsked(switchoverId), (record) => ({
        ...record,
        ...pointers,
        revision: record.revision + 1,
        switchover: record.switchover && { ...record.switchover, moved: true },
      })),
    takeBack: async (model, switchoverId, force) =>
      (force || isOverdue(switchoverId)) &&
      change(model, isAsked(switchoverId), (record) => ({ ...record, switchover: undefined })),
    async end(model, switchoverId) {
      change(
        model,
        ({ switchover }) => switchover?.id === switchoverId && switchover.moved,
        (record) => ({ ...record, switchover: undefined }),
      );
    },
    reportBackfill: async (model, generation, backfill) =>
      changeFill(model, generation, backfill.by, (other) => ({ ...other, backfill })),
    takeBackfill: async (model, generation, from, by) =>
      changeFill(model, generation, from, (other, backfill) => ({ ...other, backfill: { ...backfill, by } })),
    backfilled: async (model, generation, by) =>
      changeFill(model, generation, by, (other) => ({ ...other, state: 'following', since: clock.now() }), 1),
    async dropped(model, generation) {
      change(
        model,
        () => true,
        (record) => ({ ...record, dropping: record.dropping.filter((name) => name !== generation) }),
      );
    },
  };
}
