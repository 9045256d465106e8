// A customer: the shop's copy of a user, folded from the events that user-service publishes.
import { decoderOf, type UserEvent, userContracts } from '@foldline/shared/contracts';
import { notYetAvailable, type Projection } from '@foldline/shared/engine';
import { changed, type ShopView } from '../shop-view.ts';

export interface CustomerData {
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
}

export type Customer = ShopView<CustomerData>;

export const customerProjection: Projection<Customer, UserEvent> = {
  name: 'customers',
  kind: 'user',
  foldVersion: 1,
  decode: decoderOf(userContracts),
  initialState: { state: notYetAvailable, data: { firstName: '', lastName: '', email: '' } },
  evolve(customer, event) {
    switch (event.type) {
      case 'userCreated_v2':
        return { state: 'available', data: event.data };
      case 'userFirstNameChanged_v1':
      case 'userLastNameChanged_v1':
      case 'userEmailChanged_v1':
        return changed(customer, event.data);
      case 'userDeleted_v1':
        return { state: 'removed', data: customer.data };
    }
  },
};
