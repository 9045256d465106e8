// The shapes that most commands have over HTTP: something is created, changed or removed, and answered with itself. Each carries the
// request's key, condition and causation.

import { z } from 'zod';
import { systemIds } from '../config/index.ts';
import {
  type CommandPorts,
  type Decider,
  type DomainEvent,
  type Executed,
  execute,
  Failure,
  idOf,
  type ProjectedDocument,
  readSubject,
  subjectOf,
  type View,
} from '../engine/index.ts';
import {
  commandContext,
  type EdgeReply,
  type EdgeRequest,
  type HttpApp,
  idParams,
  ifMatchAllows,
  lowerCaseUuid,
  noContent,
  setVersionHeaders,
} from '../http/index.ts';

/** One command on one subject; sets the headers of its answer. @throws Failure as `execute` does */
export async function carryOut<V extends View, Command, E extends DomainEvent>(
  ports: CommandPorts<V, E>,
  decider: Decider<V, Command, E>,
  request: EdgeRequest,
  reply: EdgeReply,
  { id, command, precondition }: { id: string; command: Command; precondition?: (() => Promise<void>) | undefined },
): Promise<Executed> {
  const { causation, ifMatch, keyed } = commandContext(request);
  const executed = await execute(ports, decider, {
    subject: subjectOf(decider.kind, id),
    command,
    causation,
    request: keyed,
    allows: ifMatch === null ? undefined : (version) => ifMatchAllows(ifMatch, version),
    precondition,
  });
  setVersionHeaders(reply, { version: executed.document.version, replayed: executed.replayed });
  return executed;
}

const changing = ['not-found', 'deleted', 'version-conflict', 'if-match-failed', 'subject-held'] as const;

/** A resource under `/<plural>`, whose commands all answer with the same body. */
export interface Resource<V extends View, Command, E extends DomainEvent> {
  readonly plural: string;
  readonly commands: CommandPorts<V, E>;
  readonly decider: Decider<V, Command, E>;
  readonly body: z.ZodType<object>;
  present(document: ProjectedDocument): object | Promise<object>;
}

export interface CommandRoute<Body extends object, Command, Query extends object> {
  readonly summary: string;
  /** Its fields, strictly these. */
  readonly fields: z.ZodObject & z.ZodType<Body>;
  /** What may be said beside the body. */
  readonly query?: z.ZodObject & z.ZodType<Query>;
  /** Whether it may be refused for naming other subjects that are not there. */
  readonly refers?: boolean;
  command(body: NoInfer<Body>): Command;
  /** Rejects when the command must not be carried out now. */
  precondition?(body: NoInfer<Body>, query: NoInfer<Query>): Promise<void>;
}

/** `POST /<plural>` with an optional id of the caller's: 201 with `Location`. */
export function addCreateRoute<
  V extends View,
  Command,
  E extends DomainEvent,
  Body extends object,
  Query extends object = object,
>(
  app: HttpApp,
  { plural, commands, decider, body, present }: Resource<V, Command, E>,
  { summary, fields, query, refers = false, command, precondition }: CommandRoute<Body, NoInfer<Command>, Query>,
): void {
  app.post(
    `/${plural}`,
    {
      config: {
        policy: 'write',
        problems: ['id-taken', 'id-removed', 'subject-held', ...(refers ? (['reference-unknown'] as const) : [])],
      },
      schema: {
        tags: [plural],
        summary,
        response: { 201: body },
        body: z.strictObject({ ...fields.shape, id: lowerCaseUuid.optional() }),
        querystring: z.strictObject(query?.shape ?? {}),
      },
    },
    async (request, reply) => {
      const { id = systemIds.next(), ...given } = request.body as { id?: string } & Body;
      const { document } = await carryOut(commands, decider, request, reply, {
        id,
        command: command(given as unknown as Body),
        precondition: precondition && (() => precondition(given as unknown as Body, request.query as Query)),
      });
      reply.code(201).header('Location', `/${plural}/${idOf(document._id)}`);
      return present(document);
    },
  );
}

/** `PATCH /<plural>/:id`, or `POST /<plural>/:id/<part>`: 200 with what it became. */
export function addChangeRoute<
  V extends View,
  Command,
  E extends DomainEvent,
  Body extends object,
  Query extends object = object,
>(
  app: HttpApp,
  { plural, commands, decider, body, present }: Resource<V, Command, E>,
  {
    summary,
    fields,
    query,
    refers = false,
    command,
    precondition,
    part,
  }: CommandRoute<Body, NoInfer<Command>, Query> & { part?: string },
): void {
  app.route({
    method: part === undefined ? 'PATCH' : 'POST',
    url: `/${plural}/:id${part === undefined ? '' : `/${part}`}`,
    config: { policy: 'write', problems: [...changing, ...(refers ? (['reference-unknown'] as const) : [])] },
    schema: {
      tags: [plural],
      summary,
      params: idParams,
      body: z.strictObject(fields.shape),
      querystring: z.strictObject(query?.shape ?? {}),
      response: { 200: body },
    },
    async handler(request, reply) {
      const given = request.body as unknown as Body;
      const { document } = await carryOut(commands, decider, request, reply, {
        id: request.params.id,
        command: command(given),
        precondition: precondition && (() => precondition(given, request.query as Query)),
      });
      return present(document);
    },
  });
}

/** `DELETE /<plural>/:id`: 204. */
export function addRemoveRoute<V extends View, Command, E extends DomainEvent>(
  app: HttpApp,
  { plural, commands, decider }: Pick<Resource<V, Command, E>, 'plural' | 'commands' | 'decider'>,
  { summary, command }: { summary: string; command: NoInfer<Command> },
): void {
  app.delete(
    `/${plural}/:id`,
    {
      config: { policy: 'write', problems: [...changing] },
      schema: { tags: [plural], summary, params: idParams, response: { 204: noContent } },
    },
    async (request, reply) => {
      await carryOut(commands, decider, request, reply, { id: request.params.id, command });
      return reply.code(204).send();
    },
  );
}

/** `GET /<plural>/:id`: current, by its document and later events, in whichever state it is. */
export function addCurrentReadRoute<V extends View, Command, E extends DomainEvent>(
  app: HttpApp,
  { plural, commands, decider, body, present }: Resource<V, Command, E>,
): void {
  app.get(
    `/${plural}/:id`,
    {
      config: { policy: 'read', versioned: true, problems: ['not-found', 'subject-held'] },
      schema: { tags: [plural], summary: `Read one of the ${plural}`, params: idParams, response: { 200: body } },
    },
    async (request, reply) => {
      const { document } = await readSubject(commands, subjectOf(decider.kind, request.params.id));
      if (!document) throw new Failure('not-found', `There is no ${decider.kind} with this id.`);
      setVersionHeaders(reply, { version: document.version });
      return present(document);
    },
  );
}
