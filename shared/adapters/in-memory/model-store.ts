// The generations of models in memory, for tests. The clock that is passed in is the store's own.
import type { Clock } from '../../engine/index.ts';
import {
  type Fill,
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

  const isAsked = (moveId: string) => (record: ModelRecord) => record.move?.id === moveId && !record.move.moved;
  const isOverdue = (moveId: string) => nowMs() >= (untilMs.get(moveId) ?? 0);

  function changeFill(
    model: string,
    generation: string,
    by: string,
    to: (other: Generation, fill: Fill) => Generation,
    raise = 0,
  ) {
    const isIt = ({ other }: ModelRecord) =>
      other?.name === generation && other.state === 'filling' && other.fill?.by === by;
    return change(model, isIt, (record) => {
      const other = record.other as Generation;
      return { ...record, revision: record.revision + raise, other: to(other, other.fill as Fill) };
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
        (record) => record.revision === revision && !record.move,
        (record) => ({ ...record, move: { id, kind, moved: false } }),
      );
    },
    carryOut: async (model, moveId, pointers) =>
      !isOverdue(moveId) &&
      change(model, isAsked(moveId), (record) => ({
        ...record,
        ...pointers,
        revision: record.revision + 1,
        move: record.move && { ...record.move, moved: true },
      })),
    takeBack: async (model, moveId, force) =>
      (force || isOverdue(moveId)) && change(model, isAsked(moveId), (record) => ({ ...record, move: undefined })),
    async end(model, moveId) {
      change(
        model,
        ({ move }) => move?.id === moveId && move.moved,
        (record) => ({ ...record, move: undefined }),
      );
    },
    report: async (model, generation, fill) => changeFill(model, generation, fill.by, (other) => ({ ...other, fill })),
    takeFill: async (model, generation, from, by) =>
      changeFill(model, generation, from, (other, fill) => ({ ...other, fill: { ...fill, by } })),
    filled: async (model, generation, by) =>
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
