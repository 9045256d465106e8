// The routes that change a user. Each is one command; a repeat under its key answers as the first did. A deletion takes all users with it
// that the user stands for, and a command to an absorbed user names the survivor.
import {
  assertAllowed,
  type Executed,
  type Execution,
  execute,
  executeTogether,
  idOf,
  isFailure,
  subjectOf,
  viewOf,
} from 'foldline/engine';
import {
  commandContext,
  type EdgeReply,
  type EdgeRequest,
  type HttpApp,
  ifMatchAllows,
  noContent,
  setVersionHeaders,
} from 'foldline/fastify';
import { membersLimit } from '../config.ts';
import { currentUsers, foldedUsers, membersOf, resolveUser } from '../identities/members.ts';
import type { IdentityPorts } from '../identities/merge.ts';
import { type User, type UserCommand, userDecider } from './user.ts';
import { newUserBody, presentUser, type UserBody, userBody, userChangesBody, userParams } from './user-schemas.ts';

/** @throws what `work` throws; for `identity-absorbed` the reply has `Location` then */
export async function answeringSurvivor<T>(
  ports: IdentityPorts,
  subject: string,
  reply: EdgeReply,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isFailure(error, 'identity-absorbed')) {
      const { survivor } = await resolveUser(foldedUsers(ports), subject, ports.membersMax);
      if (survivor.document) reply.header('Location', `/users/${idOf(survivor.document._id)}`);
    }
    throw error;
  }
}

/** @throws Failure `not-found`, `deleted`, `identity-absorbed`, and as `executeTogether` does */
export function deleteUser(
  ports: IdentityPorts,
  { subject, causation, request, allows }: Omit<Execution<unknown>, 'command' | 'precondition'>,
): Promise<Executed> {
  return executeTogether(ports, userDecider, {
    causation,
    request,
    async plan() {
      // The fixed limit, not the setting: a setting that was lowered since would leave some members undeleted.
      const { self, members } = await resolveUser(currentUsers(ports), subject, membersLimit);
      const view = self.document ? viewOf<User>(self.document) : ports.projection.initialState;
      const events = userDecider.decide({ kind: 'delete' }, view);
      assertAllowed(allows, self.document?.version ?? 0);
      const others = members.filter(({ _id, state }) => _id !== subject && state !== 'deleted');
      return [
        { subject, document: self.document, snapshotVersion: self.snapshotVersion, events },
        ...others.map((document) => ({ subject: document._id, document, snapshotVersion: document.version, events })),
      ];
    },
  });
}

export function addUserCommands(app: HttpApp, ports: IdentityPorts): void {
  const tags = ['users'];
  const read = foldedUsers(ports);

  function carryOut(request: EdgeRequest, reply: EdgeReply, subject: string, command: UserCommand): Promise<Executed> {
    const { causation, ifMatch, keyed } = commandContext(request);
    const occasion = {
      subject,
      causation,
      request: keyed,
      allows: ifMatch === null ? undefined : (version: number) => ifMatchAllows(ifMatch, version),
    };
    return answeringSurvivor(ports, subject, reply, () =>
      command.kind === 'delete' ? deleteUser(ports, occasion) : execute(ports, userDecider, { ...occasion, command }),
    );
  }

  /** The user with its members as they are now, also for a repeat. The command is stored, so a held member must not fail the answer. */
  async function present({ document, snapshotVersion }: Executed): Promise<UserBody> {
    const members = await membersOf(read, [document], ports.membersMax);
    return presentUser(document, snapshotVersion, members.get(document._id));
  }

  app.post(
    '/users',
    {
      config: { policy: 'write', problems: ['id-taken', 'id-removed', 'email-taken', 'subject-held'] },
      schema: { tags, summary: 'Create a user', body: newUserBody, response: { 201: userBody } },
    },
    async (request, reply) => {
      const { id = ports.ids.next(), ...user } = request.body;
      const executed = await carryOut(request, reply, subjectOf('user', id), { kind: 'create', user });
      const { subject, document, replayed } = executed;
      setVersionHeaders(reply, { version: document.version, location: `/users/${idOf(subject)}`, replayed });
      return reply.code(201).send(await present(executed));
    },
  );

  app.patch(
    '/users/:id',
    {
      config: {
        policy: 'write',
        problems: [
          ...(['not-found', 'deleted', 'identity-absorbed', 'email-taken', 'version-conflict'] as const),
          ...(['if-match-failed', 'subject-held'] as const),
        ],
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
      const executed = await carryOut(request, reply, subjectOf('user', request.params.id), command);
      setVersionHeaders(reply, { version: executed.document.version, replayed: executed.replayed });
      return present(executed);
    },
  );

  app.delete(
    '/users/:id',
    {
      config: {
        policy: 'write',
        problems: [
          ...(['not-found', 'deleted', 'identity-absorbed', 'version-conflict'] as const),
          ...(['if-match-failed', 'subject-held'] as const),
        ],
      },
      schema: {
        tags,
        summary: 'Delete a user and all that it stands for',
        params: userParams,
        response: { 204: noContent },
      },
    },
    async (request, reply) => {
      const subject = subjectOf('user', request.params.id);
      const { document, replayed } = await carryOut(request, reply, subject, { kind: 'delete' });
      setVersionHeaders(reply, { version: document.version, replayed });
      return reply.code(204).send();
    },
  );
}
