// The shop's read model: four collections, one document per subject, joined on read and never copied into each other.
import {
  type Documents,
  type DomainEvent,
  type Projection,
  type ReadModel,
  readModel,
  type StoredDocument,
  type View,
} from '@foldline/shared/engine';
import { mongoDocuments } from '@foldline/shared/mongodb';
import type { Collection, Db, IndexDescription } from 'mongodb';
import { categoryProjection } from './catalogue/category.ts';
import { itemProjection } from './catalogue/item.ts';
import { customerProjection } from './customers/customer.ts';
import { byMergedInto } from './customers/identities.ts';
import { orderProjection } from './orders/order.ts';
import { byStateIndex, byTargetIndex } from './references/pipelines.ts';

export interface ShopCollection {
  readonly collection: Collection<StoredDocument>;
  readonly documents: Documents;
  readonly model: ReadModel;
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

/** Creates the indexes that lists need when they are missing. */
export async function openReadModel(db: Db): Promise<ShopReadModel> {
  const open = async <V extends View, E extends DomainEvent>(
    name: string,
    projection: Projection<V, E>,
    indexes: IndexDescription[],
  ): Promise<ShopCollection> => {
    const collection = db.collection<StoredDocument>(name);
    await collection.createIndexes(indexes);
    const documents = mongoDocuments(collection);
    return { collection, documents, model: readModel(projection, documents) };
  };
  const customers = await open('customers', customerProjection, [byState, standing, byMergedInto]);
  const categories = await open('categories', categoryProjection, [byState]);
  const items = await open('items', itemProjection, [byState, by('categoryId'), by('sellerId'), byTarget]);
  const orders = await open('orders', orderProjection, [byState, by('customerId'), byTarget]);
  const models = [customers, categories, items, orders].map(({ model }) => model);
  return { customers, categories, items, orders, models };
}
