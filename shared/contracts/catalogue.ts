// What shopping-service says about categories and items. A price is an integer in the smallest unit of the one currency.
import { z } from 'zod';
import { defineContracts, type LatestEvent } from './registry.ts';
import { uuid } from './uuid.ts';

const text = z.string();
const price = z.int().nonnegative();

export const categoryContracts = defineContracts({
  categoryCreated_v1: { schema: z.object({ title: text }) },
  categoryTitleChanged_v1: { schema: z.object({ title: text }) },
  categoryRemoved_v1: { schema: z.object({}) },
});

export const itemContracts = defineContracts({
  itemAdded_v1: { schema: z.object({ title: text, price, categoryId: uuid, sellerId: uuid }) },
  itemTitleChanged_v1: { schema: z.object({ title: text }) },
  itemPriceChanged_v1: { schema: z.object({ price }) },
  itemMovedToCategory_v1: { schema: z.object({ categoryId: uuid }) },
  itemRemoved_v1: { schema: z.object({}) },
});

export type CategoryEvent = LatestEvent<typeof categoryContracts>;
export type ItemEvent = LatestEvent<typeof itemContracts>;
