// The routes of orders.
import type { OrderEvent } from '@foldline/contracts';
import { addCreateRoute } from 'foldline';
import type { CommandPorts, StoredDocument } from 'foldline/engine';
import { type HttpApp, lowerCaseUuid, quantityField } from 'foldline/fastify';
import { z } from 'zod';
import { assertKnown, type NamedReference, type ReferencePorts, strictQuery } from '../known-references.ts';
import { addReadRoutes } from '../read-routes.ts';
import { orderBody, presentOrders } from '../representations.ts';
import type { ShopPorts } from '../routes.ts';
import { type Order, type OrderData, orderDecider } from './order.ts';

const line = z.strictObject({ itemId: lowerCaseUuid, quantity: quantityField });
const newOrder = z.object({ customerId: lowerCaseUuid, lines: z.array(line).min(1).max(100) });

export function addOrderRoutes(
  app: HttpApp,
  ports: ShopPorts & ReferencePorts,
  commands: CommandPorts<Order, OrderEvent>,
): void {
  const plural = 'orders';
  const present = async (document: StoredDocument) =>
    (await presentOrders(ports, [document]))[0] as z.output<typeof orderBody>;
  const resource = { plural, commands, decider: orderDecider, body: orderBody, present };
  addCreateRoute(app, resource, {
    summary: 'Place an order',
    fields: newOrder,
    query: strictQuery,
    refers: true,
    command: (order) => ({ kind: 'place', order }) as const,
    precondition: (order, { strict }) => assertKnown(ports, strict ? namedBy(order) : []),
  });
  addReadRoutes(app, ports, {
    plural,
    singular: 'order',
    from: ports.shop.orders,
    body: orderBody,
    filters: ['customerId'],
    present: (documents) => presentOrders(ports, documents),
  });
}

function namedBy({ customerId, lines }: OrderData): NamedReference[] {
  return [
    { pointer: '/customerId', kind: 'user', id: customerId },
    ...lines.map(({ itemId }, i): NamedReference => ({ pointer: `/lines/${i}/itemId`, kind: 'item', id: itemId })),
  ];
}
