// The routes of categories and items. An item names its category and its seller, which are joined when the item is read.
import type { CategoryEvent, ItemEvent } from '@foldline/contracts';
import { addChangeRoute, addCreateRoute, addRemoveRoute } from 'foldline';
import type { CommandPorts, StoredDocument } from 'foldline/engine';
import { type HttpApp, lowerCaseUuid, priceField, titleField } from 'foldline/fastify';
import { z } from 'zod';
import { assertKnown, type NamedReference, type ReferencePorts, strictQuery } from '../known-references.ts';
import { addReadRoutes } from '../read-routes.ts';
import { categoryBody, itemBody, presentCategory, presentItems } from '../representations.ts';
import type { ShopPorts } from '../routes.ts';
import { type Category, categoryDecider } from './category.ts';
import { type Item, itemDecider } from './item.ts';

const categoryFields = z.object({ title: titleField });

export function addCategoryRoutes(
  app: HttpApp,
  ports: ShopPorts,
  commands: CommandPorts<Category, CategoryEvent>,
): void {
  const plural = 'categories';
  const resource = { plural, commands, decider: categoryDecider, body: categoryBody, present: presentCategory };
  addCreateRoute(app, resource, {
    summary: 'Create a category',
    fields: categoryFields,
    command: (category) => ({ kind: 'create', category }) as const,
  });
  addChangeRoute(app, resource, {
    summary: 'Change a category',
    fields: categoryFields.partial(),
    command: (changes) => ({ kind: 'change', changes }) as const,
  });
  addRemoveRoute(app, resource, { summary: 'Remove one category', command: { kind: 'remove' } });
  addReadRoutes(app, ports, {
    plural,
    singular: 'category',
    from: ports.shop.categories,
    body: categoryBody,
    present: async (documents) => documents.map(presentCategory),
  });
}

const itemFields = z.object({ title: titleField, price: priceField, categoryId: lowerCaseUuid });

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
    fields: itemFields.extend({ sellerId: lowerCaseUuid }),
    query: strictQuery,
    refers: true,
    command: (item) => ({ kind: 'add', item }) as const,
    precondition: (item, { strict }) => assertKnown(ports, strict ? namedBy(item) : []),
  });
  addChangeRoute(app, resource, {
    summary: 'Change an item',
    fields: itemFields.partial(),
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
