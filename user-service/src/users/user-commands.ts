// The routes that change a user. Each is one command on one subject; a repeat under its key answers as the first did.

import type { UserEvent } from '@foldline/shared/contracts';
import { type CommandPorts, type Executed, execute, idOf, subjectOf } from '@foldline/shared/engine';
import {
  commandContext,
  type EdgeRequest,
  type HttpApp,
  ifMatchAllows,
  noContent,
  setVersionHeaders,
} from '@foldline/shared/http';
import { type User, type UserCommand, userDecider } from './user.ts';
import { newUserBody, presentUser, userBody, userChangesBody, userParams } from './user-schemas.ts';

export type UserPorts = CommandPorts<User, UserEvent>;

export function addUserCommands(app: HttpApp, ports: UserPorts): void {
  const tags = ['users'];

  function carryOut(request: EdgeRequest, subject: string, command: UserCommand): Promise<Executed> {
    const { correlationId, ifMatch, keyed } = commandContext(request);
    return execute(ports, userDecider, {
      subject,
      command,
      conversation: { correlationid: correlationId },
      request: keyed,
      allows: ifMatch === null ? undefined : (version) => ifMatchAllows(ifMatch, version),
    });
  }

  app.post(
    '/users',
    {
      config: { policy: 'write', problems: ['id-taken', 'id-removed', 'email-taken', 'subject-held'] },
      schema: { tags, summary: 'Create a user', body: newUserBody, response: { 201: userBody } },
    },
    async (request, reply) => {
      const { id = ports.ids.next(), ...user } = request.body;
      const { subject, document, snapshotVersion, replayed } = await carryOut(request, subjectOf('user', id), {
        kind: 'create',
        user,
      });
      setVersionHeaders(reply, { version: document.version, location: `/users/${idOf(subject)}`, replayed });
      return reply.code(201).send(presentUser(document, snapshotVersion));
    },
  );

  app.patch(
    '/users/:id',
    {
      config: {
        policy: 'write',
        problems: ['not-found', 'deleted', 'email-taken', 'version-conflict', 'if-match-failed', 'subject-held'],
      },
      schema: {
        tags,
        summary: 'Change a user',
        params: userParams,
        body: userChangesBody,
        response: { 200: userBody },
      },
    },
    async (request, reply) => {
      const command: UserCommand = { kind: 'change', changes: request.body };
      const { document, snapshotVersion, replayed } = await carryOut(
        request,
        subjectOf('user', request.params.id),
        command,
      );
      setVersionHeaders(reply, { version: document.version, replayed });
      return presentUser(document, snapshotVersion);
    },
  );

  app.delete(
    '/users/:id',
    {
      config: {
        policy: 'write',
        problems: ['not-found', 'deleted', 'version-conflict', 'if-match-failed', 'subject-held'],
      },
      schema: { tags, summary: 'Delete a user', params: userParams, response: { 204: noContent } },
    },
    async (request, reply) => {
      const { document, replayed } = await carryOut(request, subjectOf('user', request.params.id), { kind: 'delete' });
      setVersionHeaders(reply, { version: document.version, replayed });
      return reply.code(204).send();
    },
  );
}
