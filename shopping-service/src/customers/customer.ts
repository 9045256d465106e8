// A customer: the shop's copy of a user, folded from the events that user-service publishes.

import { type UserEvent, userContracts } from '@foldline/contracts';
import { decoderOf } from 'foldline/contracts';
import { notYetAvailable, type Projection, subjectOf, withoutMerge, withSurvivor } from 'foldline/engine';
import { changed, type ShopView } from '../shop-view.ts';

export interface CustomerData {
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
}

export const customerFields = ['firstName', 'lastName', 'email'] as const satisfies readonly (keyof CustomerData)[];

type Customer = ShopView<CustomerData>;

const nothing: CustomerData = { firstName: '', lastName: '', email: '' };

export const customerProjection: Projection<Customer, UserEvent> = {
  name: 'customers',
  kind: 'user',
  foldVersion: 1,
  decode: decoderOf(userContracts),
  initialState: { state: notYetAvailable, data: nothing },
  evolve(customer, event) {
    switch (event.type) {
      case 'userCreated_v2':
        return { ...customer, state: 'available', data: event.data };
      case 'userFirstNameChanged_v1':
      case 'userLastNameChanged_v1':
      case 'userEmailChanged_v1':
        return changed(customer, event.data);
      case 'userImported_v1':
        return { ...customer, state: 'available', data: { ...nothing, ...event.data } };
      case 'userDeleted_v1':
        return { ...customer, state: 'removed' };
      // Only what is said on the absorbed side counts here: what belongs to a survivor is found by index.
      case 'userAbsorbed_v1':
        return withSurvivor(customer, event.data.mergeId, event.data.survivorId);
      case 'mergeRetracted_v1':
        return withoutMerge(customer, event.data.mergeId);
      case 'userMerged_v1':
        return customer;
    }
  },
  names(event) {
    return event.type === 'userAbsorbed_v1' ? [subjectOf('user', event.data.survivorId)] : [];
  },
};
