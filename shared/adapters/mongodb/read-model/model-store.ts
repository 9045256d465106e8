// Where processes agree on the generations of their models, on MongoDB: a document for each model, changed by one update each, and
// one for each process, whose lease is judged by the server's clock.
import type { Collection, Db, Document, UpdateFilter } from 'mongodb';
import {
  firstRecord,
  type ModelRecord,
  type ModelStore,
  type ProcessState,
  type Switchover,
} from '../../../operations/ports.ts';
import { modelsForm, processesForm } from '../collection-forms.ts';
import { openCollections } from '../own-collections.ts';

type ModelDocument = Omit<ModelRecord, 'model' | 'other' | 'switchover'> & {
  readonly _id: string;
  readonly other?: ModelRecord['other'];
  /** `until`: when it must have been carried out. */
  readonly switchover?: Switchover & { readonly until: Date };
};

type ProcessDocument = Omit<ProcessState, 'id'> & {
  readonly _id: string;
  readonly seenAt: Date;
  readonly leaseMs: number;
};

/** Creates its collections, and the index that forgets processes, when they are missing. */
export async function openMongoModelStore(db: Db): Promise<ModelStore> {
  const models = db.collection<ModelDocument>('Models');
  const processes = db.collection<ProcessDocument>('Processes');
  await openCollections(db, [modelsForm, processesForm]);
  return { ...recordsIn(models), ...fillsIn(models), ...processesIn(processes) };
}

/** The collections of the generations that are there, as far as they can be made out; only reads. A discarded one is not named. */
export async function generationsIn(db: Db, model: string): Promise<readonly string[]> {
  const found = await db.collection<Document>('Models').findOne({ _id: model as never });
  return [found?.live ?? model, found?.other?.name].filter((name): name is string => typeof name === 'string');
}

async function hasUpdated(
  models: Collection<ModelDocument>,
  filter: Document,
  update: UpdateFilter<ModelDocument> | Document[],
): Promise<boolean> {
  const { matchedCount } = await models.updateOne(filter, update);
  return matchedCount === 1;
}

function recordsIn(models: Collection<ModelDocument>) {
  const inTime = { $expr: { $lt: ['$$NOW', '$switchover.until'] } };
  const overdue = { $expr: { $gte: ['$$NOW', '$switchover.until'] } };
  return {
    async open(model) {
      const { model: _id, other: _, switchover: __, ...first } = firstRecord(model);
      await models.updateOne({ _id }, { $setOnInsert: first }, { upsert: true });
    },
    async all() {
      const found = await models.find().sort({ _id: 1 }).toArray();
      return found.map(({ _id, other, switchover, ...record }) => {
        const shown = switchover && { id: switchover.id, kind: switchover.kind, moved: switchover.moved };
        return { ...record, model: _id, other: other ?? undefined, switchover: shown };
      });
    },
    ask: ({ model, revision }, { id, kind }, withinMs) =>
      hasUpdated(models, { _id: model, revision, switchover: { $exists: false } }, [
        { $set: { switchover: { id, kind, moved: false, until: { $add: ['$$NOW', withinMs] } } } },
      ]),
    carryOut(model, switchoverId, { live, other, last, dropping }) {
      const set = { live, last, dropping: [...dropping], 'switchover.moved': true, ...(other && { other }) };
      return hasUpdated(
        models,
        { _id: model, 'switchover.id': switchoverId, 'switchover.moved': false, ...inTime },
        { $set: set, $inc: { revision: 1 }, ...(other ? {} : { $unset: { other: true } }) },
      );
    },
    takeBack: (model, switchoverId, force) =>
      hasUpdated(
        models,
        { _id: model, 'switchover.id': switchoverId, 'switchover.moved': false, ...(force ? {} : overdue) },
        { $unset: { switchover: true } },
      ),
    async end(model, switchoverId) {
      await models.updateOne(
        { _id: model, 'switchover.id': switchoverId, 'switchover.moved': true },
        { $unset: { switchover: true } },
      );
    },
  } satisfies Partial<ModelStore>;
}

function fillsIn(models: Collection<ModelDocument>) {
  const filledBy = (model: string, generation: string, by: string) => ({
    _id: model,
    'other.name': generation,
    'other.state': 'backfilling',
    'other.backfill.by': by,
  });
  return {
    reportBackfill: (model, generation, backfill) =>
      hasUpdated(models, filledBy(model, generation, backfill.by), { $set: { 'other.backfill': backfill } }),
    takeBackfill: (model, generation, from, by) =>
      hasUpdated(models, filledBy(model, generation, from), { $set: { 'other.backfill.by': by } }),
    backfilled: (model, generation, by) =>
      hasUpdated(models, filledBy(model, generation, by), {
        $set: { 'other.state': 'following' },
        $currentDate: { 'other.since': true },
        $inc: { revision: 1 },
      }),
    async dropped(model, generation) {
      await models.updateOne({ _id: model }, { $pull: { dropping: generation } });
    },
  } satisfies Partial<ModelStore>;
}

function processesIn(processes: Collection<ProcessDocument>) {
  return {
    async renew({ id, paused, taken }, leaseMs) {
      const state = { paused: [...paused], taken: { $literal: taken }, leaseMs, seenAt: '$$NOW' };
      await processes.updateOne({ _id: id }, [{ $set: state }], { upsert: true });
    },
    async living() {
      const lives = { $expr: { $gt: [{ $add: ['$seenAt', '$leaseMs'] }, '$$NOW'] } };
      const found = await processes.find(lives).sort({ _id: 1 }).toArray();
      return found.map(({ _id, paused, taken }) => ({ id: _id, paused, taken }));
    },
    async leave(processId) {
      await processes.deleteOne({ _id: processId });
    },
  } satisfies Partial<ModelStore>;
}
