// A category: how its events fold, and what may be decided.

import { type CategoryEvent, categoryContracts } from '@foldline/contracts';
import { decoderOf } from 'foldline/contracts';
import { type Decider, notYetAvailable, type Projection } from 'foldline/engine';
import { assertAvailable, assertFree, changed, eventsForChanges, type ShopView } from '../shop-view.ts';

export interface CategoryData {
  readonly title: string;
}

export type Category = ShopView<CategoryData>;

type CategoryCommand =
  | { readonly kind: 'create'; readonly category: CategoryData }
  | { readonly kind: 'change'; readonly changes: Partial<CategoryData> }
  | { readonly kind: 'remove' };

export const categoryProjection: Projection<Category, CategoryEvent> = {
  name: 'categories',
  kind: 'category',
  foldVersion: 1,
  decode: decoderOf(categoryContracts),
  initialState: { state: notYetAvailable, data: { title: '' } },
  evolve(category, event) {
    switch (event.type) {
      case 'categoryCreated_v1':
        return { state: 'available', data: event.data };
      case 'categoryTitleChanged_v1':
        return changed(category, event.data);
      case 'categoryRemoved_v1':
        return { state: 'removed', data: category.data };
    }
  },
};

export const categoryDecider: Decider<Category, CategoryCommand, CategoryEvent> = {
  kind: 'category',
  source: '/shopping-service',
  decide(command, category) {
    switch (command.kind) {
      case 'create':
        assertFree('category', category);
        return [{ type: 'categoryCreated_v1', data: command.category }];
      case 'change':
        assertAvailable('category', category);
        return eventsForChanges<CategoryData, CategoryEvent>(category.data, command.changes, {
          title: (title) => ({ type: 'categoryTitleChanged_v1', data: { title } }),
        });
      case 'remove':
        assertAvailable('category', category);
        return [{ type: 'categoryRemoved_v1', data: {} }];
    }
  },
};
