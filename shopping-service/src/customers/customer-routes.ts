// The routes of customers; they are read only, because users are owned by user-service.
import type { HttpApp } from 'foldline/fastify';
import { addReadRoutes } from '../read-routes.ts';
import { customerBody, presentCustomers } from '../representations.ts';
import type { ShopPorts } from '../routes.ts';

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
