// The routes of categories.
import type { CategoryEvent } from '@foldline/contracts';
import { addChangeRoute, addCreateRoute, addRemoveRoute } from 'foldline';
import type { CommandPorts } from 'foldline/engine';
import { type HttpApp, titleField } from 'foldline/fastify';
import { z } from 'zod';
import { addReadRoutes } from '../read-routes.ts';
import { categoryBody, presentCategory } from '../representations.ts';
import type { ShopPorts } from '../routes.ts';
import { type Category, categoryDecider } from './category.ts';

const changeable = z.object({ title: titleField });

export function addCategoryRoutes(
  app: HttpApp,
  ports: ShopPorts,
  commands: CommandPorts<Category, CategoryEvent>,
): void {
  const plural = 'categories';
  const resource = { plural, commands, decider: categoryDecider, body: categoryBody, present: presentCategory };
  addCreateRoute(app, resource, {
    summary: 'Create a category',
    fields: changeable,
    command: (category) => ({ kind: 'create', category }) as const,
  });
  addChangeRoute(app, resource, {
    summary: 'Change a category',
    fields: changeable.partial(),
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
