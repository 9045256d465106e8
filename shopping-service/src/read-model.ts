// The shop's read model: four collections, one document per subject, joined on read and never copied into each other.
import type { Documents, ReadModel, StoredDocument } from '@foldline/shared/engine';
import { mongoDocuments } from '@foldline/shared/mongodb';
import type { Collection, Db, IndexDescription } from 'mongodb';
import { categoryProjection } from './catalogue/category.ts';
import { itemProjection } from './catalogue/item.ts';
import { customerProjection } from './customers/customer.ts';
import { orderProjection } from './orders/order.ts';

export interface ShopCollection {
  readonly collection: Collection<StoredDocument>;
  readonly documents: Documents;
}

export interface ShopReadModel {
  readonly customers: ShopCollection;
  readonly categories: ShopCollection;
  readonly items: ShopCollection;
  readonly orders: ShopCollection;
  /** In order of dependence, as the projector wants them. */
  readonly models: readonly ReadModel[];
}

const byState: IndexDescription = { key: { state: 1, _id: 1 }, name: 'state_id' };
const by = (field: string): IndexDescription => ({
  key: { state: 1, [`data.${field}`]: 1, _id: 1 },
  name: `state_${field}_id`,
});

/** Creates the indexes that lists need when they are missing. */
export async function openReadModel(db: Db): Promise<ShopReadModel> {
  const open = async (name: string, indexes: IndexDescription[]): Promise<ShopCollection> => {
    const collection = db.collection<StoredDocument>(name);
    await collection.createIndexes(indexes);
    return { collection, documents: mongoDocuments(collection) };
  };
  const customers = await open('customers', [byState]);
  const categories = await open('categories', [byState]);
  const items = await open('items', [byState, by('categoryId'), by('sellerId')]);
  const orders = await open('orders', [byState, by('customerId')]);
  const models = [
    { projection: customerProjection, documents: customers.documents },
    { projection: categoryProjection, documents: categories.documents },
    { projection: itemProjection, documents: items.documents },
    { projection: orderProjection, documents: orders.documents },
  ] as unknown as readonly ReadModel[];
  return { customers, categories, items, orders, models };
}
