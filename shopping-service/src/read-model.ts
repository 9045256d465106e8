// The shop's read model: four collections, one document per subject, joined on read and never copied into each other.
import {
  type Documents,
  type DomainEvent,
  type GenerationCollection,
  generationDocuments,
  type Keeper,
  type Projection,
  type ReadModel,
  readModel,
  type StoredDocument,
  type View,
} from 'foldline/engine';
import { mongoGeneration } from 'foldline/mongodb';
import type { Collection, Db, IndexDescription } from 'mongodb';
import { categoryProjection } from './catalogue/category.ts';
import { itemProjection } from './catalogue/item.ts';
import { customerProjection } from './customers/customer.ts';
import { byMergedInto } from './customers/identities.ts';
import { orderProjection } from './orders/order.ts';
import { byStateIndex, byTargetIndex } from './references/pipelines.ts';

export interface ShopCollection {
  /** The live generation's, at the moment at which it is asked for: not to be kept. */
  readonly collection: Collection<StoredDocument>;
  /** Read from the live generation, written to both. */
  readonly documents: Documents;
  /** For whoever folds into it: read from the generation that is behind, written to both. */
  readonly model: ReadModel;
  generation(name: string): GenerationCollection;
}

export interface ShopReadModel {
  readonly customers: ShopCollection;
  readonly categories: ShopCollection;
  readonly items: ShopCollection;
  readonly orders: ShopCollection;
  /** In order of dependence, as the projector wants them. */
  readonly models: readonly ReadModel[];
}

const byState: IndexDescription = { key: { state: 1, _id: 1 }, name: byStateIndex };
const by = (field: string): IndexDescription => ({
  key: { state: 1, [`data.${field}`]: 1, _id: 1 },
  name: `state_${field}_id`,
});

/** The customers that were not merged into another. */
const standing: IndexDescription = { key: { state: 1, mergedInto: 1, _id: 1 }, name: 'state_mergedInto_id' };

/** One entry for each reference, so that those who refer to a target are found, and paged, from the target. */
const byTarget: IndexDescription = { key: { 'references.target': 1, _id: 1 }, name: byTargetIndex };

/** The names of the models, and of their first generations. */
export const modelNames = ['customers', 'categories', 'items', 'orders'] as const;
export type ModelName = (typeof modelNames)[number];

/** What lists and joins need. */
export const indexesOf: Readonly<Record<ModelName, readonly IndexDescription[]>> = {
  customers: [byState, standing, byMergedInto],
  categories: [byState],
  items: [byState, by('categoryId'), by('sellerId'), byTarget],
  orders: [byState, by('customerId'), byTarget],
};

/** Creates the generations and their indexes when they are missing. */
export async function openReadModel(
  db: Db,
  { record, assertFresh }: Pick<Keeper, 'record' | 'assertFresh'>,
): Promise<ShopReadModel> {
  const open = async <V extends View, E extends DomainEvent>(
    name: ModelName,
    projection: Projection<V, E>,
  ): Promise<ShopCollection> => {
    const generation = (one: string) => mongoGeneration(db, one, indexesOf[name]);
    // Also the one beside it, which may be older than an index of this code, and be read after a move.
    const { live, other } = record(name);
    for (const one of [live, ...(other ? [other.name] : [])]) await generation(one).prepare();
    const { shown, written } = generationDocuments({
      record: () => record(name),
      documentsOf: (one) => generation(one).documents,
      assertFresh,
    });
    return {
      get collection() {
        return db.collection<StoredDocument>(record(name).live);
      },
      ...{ documents: shown, generation, model: readModel(projection, written) },
    };
  };
  const customers = await open('customers', customerProjection);
  const categories = await open('categories', categoryProjection);
  const items = await open('items', itemProjection);
  const orders = await open('orders', orderProjection);
  const models = [customers, categories, items, orders].map(({ model }) => model);
  return { customers, categories, items, orders, models };
}
