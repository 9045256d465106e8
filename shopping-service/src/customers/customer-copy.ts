// What the shop does with its copies of users: a customer out of a user's snapshot, and the two routes that read customers.
import { userSnapshot_v1 } from '@foldline/contracts';
import { documentFromSnapshot } from 'foldline';
import type { HttpApp } from 'foldline/fastify';
import { addReadRoutes } from '../read-routes.ts';
import { customerBody, presentCustomers } from '../representations.ts';
import type { ShopPorts } from '../routes.ts';
import { customerProjection } from './customer.ts';

export const customerFromSnapshot = documentFromSnapshot(
  customerProjection,
  { type: 'userSnapshot_v1', schema: userSnapshot_v1 },
  ({ state, data, mergedInto, mergeId }) => ({
    state: state === 'deleted' ? 'removed' : 'available',
    data,
    // What belongs to a survivor is found by index: its own side of a merge is not kept here.
    ...(mergedInto === undefined ? {} : { mergedInto }),
    ...(mergeId === undefined ? {} : { mergeId }),
  }),
);

export function addCustomerRoutes(app: HttpApp, ports: ShopPorts): void {
  addReadRoutes(app, ports, {
    plural: 'customers',
    singular: 'customer',
    from: ports.shop.customers,
    body: customerBody,
    present: (documents) => presentCustomers(ports, documents),
    // Whoever was merged into another is shown by that one.
    listed: { mergedInto: null },
    about:
      'Of one that was merged into another, that other one, which `Content-Location` names. `minVersion` means the id in the path.',
  });
}
