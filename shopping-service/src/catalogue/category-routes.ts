// The routes of categories.
import type { CategoryEvent } from '@foldline/shared/contracts';
import { type CommandPorts, idOf } from '@foldline/shared/engine';
import { type HttpApp, idParams, lowerCaseUuid, titleField } from '@foldline/shared/http';
import { z } from 'zod';
import { addReadRoutes } from '../read-routes.ts';
import { addRemoveRoute } from '../remove-route.ts';
import { categoryBody, presentCategory } from '../representations.ts';
import { carryOut, type ShopPorts } from '../routes.ts';
import { type Category, categoryDecider } from './category.ts';

const tags = ['categories'];
const newCategory = z.strictObject({ title: titleField, id: lowerCaseUuid.optional() });
const categoryChanges = z.strictObject({ title: titleField }).partial();

export function addCategoryRoutes(
  app: HttpApp,
  ports: ShopPorts,
  commands: CommandPorts<Category, CategoryEvent>,
): void {
  app.post(
    '/categories',
    {
      config: { policy: 'write', problems: ['id-taken', 'id-removed', 'subject-held'] },
      schema: { tags, summary: 'Create a category', body: newCategory, response: { 201: categoryBody } },
    },
    async (request, reply) => {
      const { id = commands.ids.next(), ...category } = request.body;
      const { document } = await carryOut(commands, categoryDecider, request, reply, {
        id,
        command: { kind: 'create', category },
      });
      reply.code(201).header('Location', `/categories/${idOf(document._id)}`);
      return presentCategory(document);
    },
  );

  app.patch(
    '/categories/:id',
    {
      config: {
        policy: 'write',
        problems: ['not-found', 'deleted', 'version-conflict', 'if-match-failed', 'subject-held'],
      },
      schema: {
        tags,
        summary: 'Change a category',
        params: idParams,
        body: categoryChanges,
        response: { 200: categoryBody },
      },
    },
    async (request, reply) => {
      const command = { kind: 'change', changes: request.body } as const;
      const { document } = await carryOut(commands, categoryDecider, request, reply, {
        id: request.params.id,
        command,
      });
      return presentCategory(document);
    },
  );

  addRemoveRoute(app, 'categories', commands, categoryDecider);
  addReadRoutes(app, ports, {
    plural: 'categories',
    singular: 'category',
    kind: 'category',
    from: ports.shop.categories,
    body: categoryBody,
    present: async (documents) => documents.map(presentCategory),
  });
}
