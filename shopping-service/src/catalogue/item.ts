// An item: how its events fold, whom it names, and what may be decided.

import { type ItemEvent, itemContracts } from '@foldline/contracts';
import { decoderOf } from 'foldline/contracts';
import { type Decider, notYetAvailable, type Projection, subjectOf } from 'foldline/engine';
import { assertAvailable, assertFree, changed, eventsForChanges, reference, type ShopView } from '../shop-view.ts';

export interface ItemData {
  readonly title: string;
  /** In the smallest unit of the one currency. */
  readonly price: number;
  readonly categoryId: string;
  readonly sellerId: string;
}

export type Item = ShopView<ItemData>;

type ItemCommand =
  | { readonly kind: 'add'; readonly item: ItemData }
  | { readonly kind: 'change'; readonly changes: Partial<Omit<ItemData, 'sellerId'>> }
  | { readonly kind: 'remove' };

export const itemProjection: Projection<Item, ItemEvent> = {
  name: 'items',
  kind: 'item',
  foldVersion: 2,
  decode: decoderOf(itemContracts),
  initialState: { state: notYetAvailable, data: { title: '', price: 0, categoryId: '', sellerId: '' } },
  evolve(item, event) {
    switch (event.type) {
      case 'itemAdded_v1':
        return { state: 'available', data: event.data };
      case 'itemTitleChanged_v1':
      case 'itemPriceChanged_v1':
      case 'itemMovedToCategory_v1':
        return changed(item, event.data);
      case 'itemRemoved_v1':
        return { state: 'removed', data: item.data };
    }
  },
  names(event) {
    switch (event.type) {
      case 'itemAdded_v1':
        return [subjectOf('category', event.data.categoryId), subjectOf('user', event.data.sellerId)];
      case 'itemMovedToCategory_v1':
        return [subjectOf('category', event.data.categoryId)];
      case 'itemTitleChanged_v1':
      case 'itemPriceChanged_v1':
      case 'itemRemoved_v1':
        return [];
    }
  },
  refersTo({ state, data: { categoryId, sellerId } }) {
    if (state === 'removed') return [];
    return [...reference('categoryId', 'category', categoryId), ...reference('sellerId', 'user', sellerId)];
  },
};

export const itemDecider: Decider<Item, ItemCommand, ItemEvent> = {
  kind: 'item',
  source: '/shopping-service',
  decide(command, item) {
    switch (command.kind) {
      case 'add':
        assertFree('item', item);
        return [{ type: 'itemAdded_v1', data: command.item }];
      case 'change':
        assertAvailable('item', item);
        return eventsForChanges<ItemData, ItemEvent>(item.data, command.changes, {
          title: (title) => ({ type: 'itemTitleChanged_v1', data: { title } }),
          price: (price) => ({ type: 'itemPriceChanged_v1', data: { price } }),
          categoryId: (categoryId) => ({ type: 'itemMovedToCategory_v1', data: { categoryId } }),
        });
      case 'remove':
        assertAvailable('item', item);
        return [{ type: 'itemRemoved_v1', data: {} }];
    }
  },
};
