// The routes of orders.
import type { OrderEvent } from '@foldline/shared/contracts';
import { type CommandPorts, idOf, type StoredDocument } from '@foldline/shared/engine';
import { booleanQuery, type HttpApp, lowerCaseUuid, quantityField } from '@foldline/shared/http';
import { z } from 'zod';
import { assertKnown, type NamedReference, type ReferencePorts } from '../known-references.ts';
import { addReadRoutes } from '../read-routes.ts';
import { orderBody, presentOrders } from '../representations.ts';
import { carryOut, type ShopPorts } from '../routes.ts';
import { type Order, type OrderData, orderDecider } from './order.ts';

const tags = ['orders'];
const line = z.strictObject({ itemId: lowerCaseUuid, quantity: quantityField });
const newOrder = z.strictObject({
  customerId: lowerCaseUuid,
  lines: z.array(line).min(1).max(100),
  id: lowerCaseUuid.optional(),
});
const strictQuery = z.strictObject({
  strict: booleanQuery.optional().describe('`true`: refuse references to what is not available'),
});

export function addOrderRoutes(
  app: HttpApp,
  ports: ShopPorts & ReferencePorts,
  commands: CommandPorts<Order, OrderEvent>,
): void {
  const present = async (document: StoredDocument) =>
    (await presentOrders(ports, [document]))[0] as z.output<typeof orderBody>;

  app.post(
    '/orders',
    {
      config: { policy: 'write', problems: ['id-taken', 'id-removed', 'reference-unknown', 'subject-held'] },
      schema: {
        tags,
        summary: 'Place an order',
        body: newOrder,
        querystring: strictQuery,
        response: { 201: orderBody },
      },
    },
    async (request, reply) => {
      const { id = commands.ids.next(), ...order } = request.body;
      const precondition = request.query.strict ? () => assertKnown(ports, namedBy(order)) : undefined;
      const { document } = await carryOut(commands, orderDecider, request, reply, {
        id,
        command: { kind: 'place', order },
        precondition,
      });
      reply.code(201).header('Location', `/orders/${idOf(document._id)}`);
      return present(document);
    },
  );

  addReadRoutes(app, ports, {
    plural: 'orders',
    singular: 'order',
    kind: 'order',
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
