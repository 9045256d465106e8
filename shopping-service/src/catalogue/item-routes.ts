// The routes of items. Bodies show each reference with its state, joined when they are read.
import type { ItemEvent } from '@foldline/contracts';
import { addChangeRoute, addCreateRoute, addRemoveRoute } from 'foldline';
import type { CommandPorts, StoredDocument } from 'foldline/engine';
import { type HttpApp, lowerCaseUuid, priceField, titleField } from 'foldline/fastify';
import { z } from 'zod';
import { assertKnown, type NamedReference, type ReferencePorts, strictQuery } from '../known-references.ts';
import { addReadRoutes } from '../read-routes.ts';
import { itemBody, presentItems } from '../representations.ts';
import type { ShopPorts } from '../routes.ts';
import { type Item, itemDecider } from './item.ts';

const changeable = z.object({ title: titleField, price: priceField, categoryId: lowerCaseUuid });

export function addItemRoutes(
  app: HttpApp,
  ports: ShopPorts & ReferencePorts,
  commands: CommandPorts<Item, ItemEvent>,
): void {
  const plural = 'items';
  const present = async (document: StoredDocument) =>
    (await presentItems(ports, [document]))[0] as z.output<typeof itemBody>;
  const resource = { plural, commands, decider: itemDecider, body: itemBody, present };
  addCreateRoute(app, resource, {
    summary: 'Add an item',
    fields: changeable.extend({ sellerId: lowerCaseUuid }),
    query: strictQuery,
    refers: true,
    command: (item) => ({ kind: 'add', item }) as const,
    precondition: (item, { strict }) => assertKnown(ports, strict ? namedBy(item) : []),
  });
  addChangeRoute(app, resource, {
    summary: 'Change an item',
    fields: changeable.partial(),
    query: strictQuery,
    refers: true,
    command: (changes) => ({ kind: 'change', changes }) as const,
    precondition: (changes, { strict }) => assertKnown(ports, strict ? namedBy(changes) : []),
  });
  addRemoveRoute(app, resource, { summary: 'Remove one item', command: { kind: 'remove' } });
  addReadRoutes(app, ports, {
    plural,
    singular: 'item',
    from: ports.shop.items,
    body: itemBody,
    filters: ['categoryId', 'sellerId'],
    present: (documents) => presentItems(ports, documents),
  });
}

function namedBy({
  categoryId,
  sellerId,
}: {
  categoryId?: string | undefined;
  sellerId?: string | undefined;
}): NamedReference[] {
  return [
    ...(categoryId === undefined ? [] : [{ pointer: '/categoryId', kind: 'category', id: categoryId } as const]),
    ...(sellerId === undefined ? [] : [{ pointer: '/sellerId', kind: 'user', id: sellerId } as const]),
  ];
}
