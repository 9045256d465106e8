// The shop's own write sides: what its commands on categories, items and orders need.

import type { CategoryEvent, ItemEvent, OrderEvent } from '@foldline/contracts';
import { systemClock, systemIds } from 'foldline/config';
import type { CommandPorts } from 'foldline/engine';
import { type Category, categoryProjection } from './catalogue/category.ts';
import { type Item, itemProjection } from './catalogue/item.ts';
import { type Order, orderProjection } from './orders/order.ts';
import type { OwnStores } from './owners.ts';
import type { ShopReadModel } from './read-model.ts';

export interface WriteSides {
  readonly categories: CommandPorts<Category, CategoryEvent>;
  readonly items: CommandPorts<Item, ItemEvent>;
  readonly orders: CommandPorts<Order, OrderEvent>;
}

export function writeSidesOf(shop: ShopReadModel, { catalogStore, orderStore }: OwnStores): WriteSides {
  const world = { clock: systemClock, ids: systemIds };
  return {
    categories: {
      ...world,
      projection: categoryProjection,
      documents: shop.categories.documents,
      store: catalogStore,
    },
    items: { ...world, projection: itemProjection, documents: shop.items.documents, store: catalogStore },
    orders: { ...world, projection: orderProjection, documents: shop.orders.documents, store: orderStore },
  };
}
