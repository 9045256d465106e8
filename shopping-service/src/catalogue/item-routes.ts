// The routes of items. Bodies show each reference with its state, joined when they are read.
import type { ItemEvent } from '@foldline/shared/contracts';
import { type CommandPorts, idOf, type StoredDocument } from '@foldline/shared/engine';
import { booleanQuery, type HttpApp, idParams, lowerCaseUuid, priceField, titleField } from '@foldline/shared/http';
import { z } from 'zod';
import { assertKnown, type NamedReference, type ReferencePorts } from '../known-references.ts';
import { addReadRoutes } from '../read-routes.ts';
import { addRemoveRoute } from '../remove-route.ts';
import { itemBody, presentItems } from '../representations.ts';
import { carryOut, type ShopPorts } from '../routes.ts';
import { type Item, itemDecider } from './item.ts';

const tags = ['items'];
const changeable = { title: titleField, price: priceField, categoryId: lowerCaseUuid };
const newItem = z.strictObject({ ...changeable, sellerId: lowerCaseUuid, id: lowerCaseUuid.optional() });
const itemChanges = z.strictObject(changeable).partial();
const strictQuery = z.strictObject({
  strict: booleanQuery.optional().describe('`true`: refuse references to what is not available'),
});

export function addItemRoutes(
  app: HttpApp,
  ports: ShopPorts & ReferencePorts,
  commands: CommandPorts<Item, ItemEvent>,
): void {
  const present = async (document: StoredDocument) =>
    (await presentItems(ports, [document]))[0] as z.output<typeof itemBody>;
  const checked = (
    strict: boolean | undefined,
    { categoryId, sellerId }: { categoryId?: string | undefined; sellerId?: string | undefined },
  ) => {
    const named: NamedReference[] = [];
    if (categoryId !== undefined) named.push({ pointer: '/categoryId', kind: 'category', id: categoryId });
    if (sellerId !== undefined) named.push({ pointer: '/sellerId', kind: 'user', id: sellerId });
    return strict ? () => assertKnown(ports, named) : undefined;
  };

  app.post(
    '/items',
    {
      config: { policy: 'write', problems: ['id-taken', 'id-removed', 'reference-unknown', 'subject-held'] },
      schema: { tags, summary: 'Add an item', body: newItem, querystring: strictQuery, response: { 201: itemBody } },
    },
    async (request, reply) => {
      const { id = commands.ids.next(), ...item } = request.body;
      const precondition = checked(request.query.strict, item);
      const { document } = await carryOut(commands, itemDecider, request, reply, {
        id,
        command: { kind: 'add', item },
        precondition,
      });
      reply.code(201).header('Location', `/items/${idOf(document._id)}`);
      return present(document);
    },
  );

  app.patch(
    '/items/:id',
    {
      config: {
        policy: 'write',
        problems: ['not-found', 'deleted', 'version-conflict', 'if-match-failed', 'reference-unknown', 'subject-held'],
      },
      schema: {
        tags,
        summary: 'Change an item',
        params: idParams,
        body: itemChanges,
        querystring: strictQuery,
        response: { 200: itemBody },
      },
    },
    async (request, reply) => {
      const command = { kind: 'change', changes: request.body } as const;
      const precondition = checked(request.query.strict, request.body);
      const { document } = await carryOut(commands, itemDecider, request, reply, {
        id: request.params.id,
        command,
        precondition,
      });
      return present(document);
    },
  );

  addRemoveRoute(app, 'items', commands, itemDecider);
  addReadRoutes(app, ports, {
    plural: 'items',
    singular: 'item',
    kind: 'item',
    from: ports.shop.items,
    body: itemBody,
    filters: ['categoryId', 'sellerId'],
    present: (documents) => presentItems(ports, documents),
  });
}
