// The removal of a kind that can be removed: a state, and for the caller a 204.
import type { CommandPorts, Decider, DomainEvent, View } from '@foldline/shared/engine';
import { type HttpApp, idParams, noContent } from '@foldline/shared/http';
import { carryOut } from './routes.ts';

interface Remove {
  readonly kind: 'remove';
}

export function addRemoveRoute<V extends View, Command, E extends DomainEvent>(
  app: HttpApp,
  plural: string,
  commands: CommandPorts<V, E>,
  decider: Decider<V, Command | Remove, E>,
): void {
  app.delete(
    `/${plural}/:id`,
    {
      config: {
        policy: 'write',
        problems: ['not-found', 'deleted', 'version-conflict', 'if-match-failed', 'subject-held'],
      },
      schema: { tags: [plural], summary: `Remove one ${decider.kind}`, params: idParams, response: { 204: noContent } },
    },
    async (request, reply) => {
      await carryOut(commands, decider, request, reply, { id: request.params.id, command: { kind: 'remove' } });
      return reply.code(204).send();
    },
  );
}
