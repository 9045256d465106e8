// An order: placed once, never changed.

import { type OrderEvent, orderContracts } from '@foldline/contracts';
import { decoderOf } from 'foldline/contracts';
import { type Decider, notYetAvailable, type Projection, subjectOf } from 'foldline/engine';
import { assertFree, reference, type ShopView } from '../shop-view.ts';

export interface OrderData {
  readonly customerId: string;
  readonly lines: readonly { readonly itemId: string; readonly quantity: number }[];
}

export type Order = ShopView<OrderData>;

interface PlaceOrder {
  readonly kind: 'place';
  readonly order: { readonly customerId: string; readonly lines: { itemId: string; quantity: number }[] };
}

export const orderProjection: Projection<Order, OrderEvent> = {
  name: 'orders',
  kind: 'order',
  foldVersion: 2,
  decode: decoderOf(orderContracts),
  initialState: { state: notYetAvailable, data: { customerId: '', lines: [] } },
  evolve(_order, event) {
    switch (event.type) {
      case 'orderPlaced_v1':
        return { state: 'available', data: event.data };
    }
  },
  names({ data }) {
    return [subjectOf('user', data.customerId), ...data.lines.map(({ itemId }) => subjectOf('item', itemId))];
  },
  refersTo({ data: { customerId, lines } }) {
    const items = lines.flatMap(({ itemId }) => reference('lines.itemId', 'item', itemId));
    return [...reference('customerId', 'user', customerId), ...items];
  },
};

export const orderDecider: Decider<Order, PlaceOrder, OrderEvent> = {
  kind: 'order',
  source: '/shopping-service',
  decide({ order }, view) {
    assertFree('order', view);
    return [{ type: 'orderPlaced_v1', data: order }];
  },
};
