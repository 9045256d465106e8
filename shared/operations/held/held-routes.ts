// What an operator sees and does about held subjects, the same on every service. Keys of places hold `/` and `@`: they are
// percent-encoded in the path.
import { z } from 'zod';
import type { Held } from '../../engine/index.ts';
import {
  type HttpApp,
  instantField,
  noContent,
  pageQuery,
  pageSchema,
  readPage,
  sendPage,
  uuidPattern,
} from '../../http/index.ts';
import { isPlace, type Mender, type Retried } from './mender-ports.ts';

const keyParams = z.strictObject({
  key: z
    .string()
    .min(1)
    .describe('A subject, or `<topic>/<partition>@<offset>`, percent-encoded')
    .meta({ pattern: `^(?:[a-z][a-z0-9-]{0,39}-${uuidPattern}|[A-Za-z0-9._-]{1,249}/[0-9]{1,9}@[0-9]{1,16})$` }),
});

const heldBody = z.strictObject({
  key: z.string(),
  kind: z.enum(['subject', 'place']).describe('A place in a topic has no subject that could be read'),
  projection: z.string().nullable(),
  reason: z.enum(['hole', 'unknown-version', 'invalid-data', 'unreadable']),
  detail: z.string(),
  appliedVersion: z.int().describe('The version of its document'),
  seenVersion: z.int().describe('The highest version that came; it is released once its document is there'),
  since: instantField,
  attempts: z.int().describe('How often it could not go on'),
});

// Documents are shown as they are stored, whichever projection wrote them.
const documentBody = z.looseObject({ _id: z.string(), version: z.int(), state: z.string() });

const shownBody = z.strictObject({
  held: heldBody,
  document: documentBody.nullable().describe('As it is; null while there is none'),
  next: z
    .strictObject({
      document: documentBody.nullable(),
      events: z.int().describe('How many events a retry would fold'),
      stop: z
        .strictObject({ version: z.int(), reason: heldBody.shape.reason, detail: z.string() })
        .nullable()
        .describe('Where a retry would stop, and why'),
    })
    .nullable()
    .describe('What a retry would make of it; null for a place, and while the owner cannot be asked'),
  detail: z.string(),
});

const retriedBody = z.strictObject({
  key: z.string(),
  outcome: z.enum(['released', 'held', 'unanswered', 'place']),
  detail: z.string(),
  held: heldBody.nullable(),
});

const retriedPage = z.strictObject({
  ...pageSchema(retriedBody).shape,
  left: z.int().describe('How many are held behind this page'),
});

function presentHeld(held: Held): z.output<typeof heldBody> {
  return { ...held, projection: held.projection || null, kind: isPlace(held) ? 'place' : 'subject' };
}

function presentRetried({ held, ...rest }: Retried): z.output<typeof retriedBody> {
  return { ...rest, held: held ? presentHeld(held) : null };
}

type Document = z.output<typeof documentBody>;

/** Adds `/admin/held` and what is below it. */
export function addHeldRoutes(app: HttpApp, mender: Mender): void {
  const tags = ['operations'];

  app.get(
    '/admin/held',
    {
      config: { policy: 'admin' },
      schema: {
        tags,
        summary: 'List what is held',
        querystring: pageQuery,
        response: { 200: pageSchema(heldBody) },
      },
    },
    async (request, reply) => {
      const { limit, after } = readPage(request, 'string');
      const found = await mender.pages.after(after, limit + 1);
      const shown = found.slice(0, limit);
      const next = found.length > limit ? (shown.at(-1)?.key ?? null) : null;
      return sendPage(reply, request, shown.map(presentHeld), next);
    },
  );

  app.get(
    '/admin/held/:key',
    {
      config: { policy: 'admin', problems: ['not-found'] },
      schema: {
        tags,
        summary: 'Show what is held, and what a retry would make of it; writes nothing',
        params: keyParams,
        response: { 200: shownBody },
      },
    },
    async (request) => {
      const { held, document, next, detail } = await mender.show(request.params.key);
      return {
        held: presentHeld(held),
        document: (document as Document | undefined) ?? null,
        next: next
          ? {
              document: (next.document as Document | undefined) ?? null,
              events: next.events,
              stop: next.stop ?? null,
            }
          : null,
        detail,
      };
    },
  );

  app.post(
    '/admin/held/:key/retry',
    {
      config: { policy: 'admin', problems: ['not-found'] },
      schema: {
        tags,
        summary: 'Read the later events from their owner and go on, if that is possible now',
        params: keyParams,
        response: { 200: retriedBody },
      },
    },
    async (request) => presentRetried(await mender.retry(request.params.key)),
  );

  app.post(
    '/admin/held/retry',
    {
      config: { policy: 'admin' },
      schema: {
        tags,
        summary: 'Retry a page of everything that is held; `nextCursor` leads to the rest',
        querystring: pageQuery,
        response: { 200: retriedPage },
      },
    },
    async (request, reply) => {
      const { limit, after } = readPage(request, 'string');
      const { retried, left } = await mender.retryAfter(after, limit);
      const next = left > 0 ? (retried.at(-1)?.key ?? null) : null;
      return { ...sendPage(reply, request, retried.map(presentRetried), next), left };
    },
  );

  app.delete(
    '/admin/held/:key',
    {
      config: { policy: 'admin', problems: ['not-found'] },
      schema: {
        tags,
        summary:
          'Forget a place in a topic, or a hole or an unreadable event that the owner of the subject does not have',
        params: keyParams,
        response: { 204: noContent },
      },
    },
    async (request, reply) => {
      await mender.dismiss(request.params.key);
      return reply.code(204).send();
    },
  );
}
