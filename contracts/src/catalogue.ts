// What shopping-service says about categories and items. A price is an integer in the smallest unit of the one currency.

import { defineContracts, type LatestEvent } from 'foldline/contracts';
import { z } from 'zod';
import { uuid } from './uuid.ts';

const title = z.string().meta({ examples: ['Notes on the Analytical Engine'] });
const price = z
  .int()
  .nonnegative()
  .meta({ examples: [1250] });

export const categoryContracts = defineContracts({
  categoryCreated_v1: { schema: z.object({ title }).describe('A category was created') },
  categoryTitleChanged_v1: { schema: z.object({ title }).describe('A category has another title now') },
  categoryRemoved_v1: { schema: z.object({}).describe('A category was removed; it keeps its last title') },
});

export const itemContracts = defineContracts({
  itemAdded_v1: {
    schema: z.object({ title, price, categoryId: uuid, sellerId: uuid }).describe('A seller offers an item'),
  },
  itemTitleChanged_v1: { schema: z.object({ title }).describe('An item has another title now') },
  itemPriceChanged_v1: { schema: z.object({ price }).describe('An item has another price now') },
  itemMovedToCategory_v1: { schema: z.object({ categoryId: uuid }).describe('An item is in another category now') },
  itemRemoved_v1: { schema: z.object({}).describe('An item was removed; it keeps its last title') },
});

export type CategoryEvent = LatestEvent<typeof categoryContracts>;
export type ItemEvent = LatestEvent<typeof itemContracts>;
