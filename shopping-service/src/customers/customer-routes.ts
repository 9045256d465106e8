// The routes of customers; they are read only, because users are owned by user-service.
import type { HttpApp } from '@foldline/shared/http';
import { addReadRoutes } from '../read-routes.ts';
import { customerBody, presentCustomer } from '../representations.ts';
import type { ShopPorts } from '../routes.ts';

export function addCustomerRoutes(app: HttpApp, ports: ShopPorts): void {
  addReadRoutes(app, ports, {
    plural: 'customers',
    singular: 'customer',
    kind: 'user',
    from: ports.shop.customers,
    body: customerBody,
    present: async (documents) => documents.map(presentCustomer),
  });
}
