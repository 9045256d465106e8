// The completeness of the models of a service, one document for each model.
import type { Collection } from 'mongodb';
import type { Completeness, CompletenessStore, Doubt } from '../../../operations/ports.ts';

export interface CompletenessDocument {
  /** The name of the model. */
  readonly _id: string;
  readonly openedAt: Date;
  readonly equal?: NonNullable<Completeness['equal']>;
  readonly doubt?: Doubt;
}

export function mongoCompleteness(collection: Collection<CompletenessDocument>): CompletenessStore {
  return {
    async open(model, doubt) {
      await collection.updateOne({ _id: model }, { $setOnInsert: { openedAt: doubt.since, doubt } }, { upsert: true });
    },
    async all() {
      const found = await collection.find().toArray();
      return found.map(({ _id: model, equal, doubt }) => ({ model, equal, doubt }));
    },
    async doubt(model, { id, reason, since }) {
      const doubt = { id, reason: { $literal: reason }, since: { $ifNull: ['$doubt.since', since] } };
      await collection.updateOne({ _id: model }, [{ $set: { doubt } }]);
    },
    async foundEqual(model, equal, doubtId) {
      await collection.updateOne({ _id: model }, { $set: { equal } });
      if (doubtId) await collection.updateOne({ _id: model, 'doubt.id': doubtId }, { $unset: { doubt: '' } });
    },
  };
}
