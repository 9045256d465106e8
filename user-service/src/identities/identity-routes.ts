// The routes of identities: what else a user is known by, and who is known by something.
import { normaliseEmail, type UserEvent, type UserHistoryEvent } from '@foldline/contracts';
import { executeTogether, Failure, idOf, readSubject, subjectOf, viewOf } from 'foldline/engine';
import { commandContext, type HttpApp, idParams, setVersionHeaders } from 'foldline/fastify';
import type { z } from 'zod';
import { emailClaim, existing, type User } from '../users/user.ts';
import { answeringSurvivor } from '../users/user-commands.ts';
import { identityClaim, identityRecorder } from './identity.ts';
import { identityBody, identityParams, newIdentityBody } from './identity-schemas.ts';
import { currentUsers, type Resolved, resolveUser } from './members.ts';
import type { IdentityPorts } from './merge.ts';

export function addIdentityRoutes(app: HttpApp, ports: IdentityPorts): void {
  const tags = ['identities'];

  app.post(
    '/users/:id/identities',
    {
      config: {
        policy: 'write',
        problems: ['not-found', 'deleted', 'identity-absorbed', 'identity-taken', 'version-conflict', 'subject-held'],
      },
      schema: {
        tags,
        summary: 'Add an identity that a user is known by elsewhere',
        params: idParams,
        body: newIdentityBody,
        response: { 201: identityBody, 200: identityBody.describe('The user is known by it already') },
      },
    },
    async (request, reply) => {
      const subject = subjectOf('user', request.params.id);
      const { kind, value } = request.body;
      const { causation, keyed } = commandContext(request);
      const adding = () =>
        executeTogether<User, UserEvent | UserHistoryEvent>(ports, identityRecorder, {
          causation,
          request: keyed,
          async plan() {
            const { document, snapshotVersion } = await readSubject(ports, subject);
            existing(document ? viewOf<User>(document) : ports.projection.initialState);
            // The lookup follows the reading, so that a concurrent twin of this request is found here or causes a version conflict.
            const known = (await subjectKnownBy(kind, value)) === subject;
            const events = known ? [] : [{ type: 'userIdentityAdded_v1', data: { kind, value } } as const];
            return [{ subject, document, snapshotVersion, events }];
          },
        });
      const { document, changed, replayed } = await answeringSurvivor(ports, subject, reply, adding);
      const location = `/identities/${kind}/${encodeURIComponent(value)}`;
      setVersionHeaders(reply, { version: document.version, replayed, location });
      const body = { kind, value, userId: request.params.id, survivorId: request.params.id };
      return changed ? reply.code(201).send(body) : reply.code(200).send(body);
    },
  );

  app.get(
    '/identities/:kind/:value',
    {
      config: { policy: 'read', problems: ['not-found', 'subject-held'] },
      schema: {
        tags,
        summary: 'Find who is known by an identity, and who stands for that user',
        params: identityParams,
        response: { 200: identityBody },
      },
    },
    async (request): Promise<z.output<typeof identityBody>> => {
      const { kind, value } = request.params;
      const holder = await holderOf(kind, value);
      if (!holder?.self.document) throw new Failure('not-found', 'Nobody is known by this identity.');
      const survivor = holder.survivor.document ?? holder.self.document;
      return { kind, value, userId: idOf(holder.self.document._id), survivorId: idOf(survivor._id) };
    },
  );

  /** The living user whose identity this is, as of now. */
  async function holderOf(kind: string, value: string): Promise<Resolved | undefined> {
    const subject = await subjectKnownBy(kind, value);
    if (subject === undefined) return undefined;
    const holder = await resolveUser(currentUsers(ports), subject, ports.membersMax);
    const view = holder.self.document && viewOf<User>(holder.self.document);
    if (view?.state !== 'active' || holder.survivor.document?.state === 'deleted') return undefined;
    // The claim may have been given up already, while no writer has removed it yet.
    const left = kind === 'email' && normaliseEmail(view.data.email) !== normaliseEmail(value);
    return left ? undefined : holder;
  }

  async function subjectKnownBy(kind: string, value: string): Promise<string | undefined> {
    if (kind === 'id') return /^[0-9a-f-]{36}$/.test(value) ? subjectOf('user', value) : undefined;
    const claim = kind === 'email' ? emailClaim(value) : identityClaim(kind, value);
    return (await ports.store.findByClaim(claim))?.subject;
  }
}
