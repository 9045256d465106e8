// The shop's read model: four collections, one document per subject, joined on read and never copied into each other.
import type { OpenModel, OpenModels } from 'foldline';
import type { IndexDescription } from 'mongodb';
import { byMergedInto } from './customers/identities.ts';
import { byStateIndex } from './references/pipelines.ts';

export type ShopCollection = OpenModel;

/** The names of the models, and of their first generations, in order of dependence. */
type ModelName = 'customers' | 'categories' | 'items' | 'orders';

export type ShopReadModel = OpenModels<ModelName>;

const byState: IndexDescription = { key: { state: 1, _id: 1 }, name: byStateIndex };
const by = (field: string): IndexDescription => ({
  key: { state: 1, [`data.${field}`]: 1, _id: 1 },
  name: `state_${field}_id`,
});

/** The customers that were not merged into another. */
const standing: IndexDescription = { key: { state: 1, mergedInto: 1, _id: 1 }, name: 'state_mergedInto_id' };

/** What lists and joins need, besides what the kit adds for references. */
export const indexesOf: Readonly<Record<ModelName, readonly IndexDescription[]>> = {
  customers: [byState, standing, byMergedInto],
  categories: [byState],
  items: [byState, by('categoryId'), by('sellerId')],
  orders: [byState, by('customerId')],
};
