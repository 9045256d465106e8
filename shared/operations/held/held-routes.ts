// What an operator sees and does about held subjects, the same on every service. Keys of offsets hold `/` and `@`: they are encoded in paths.
// Held subjects never make a service not ready: the other subjects go on.

import { z } from 'zod';
import type { Held } from '../../engine/index.ts';
import {
  type HttpApp,
  noContent,
  pageQuery,
  readPage,
  sendPage,
  uuidPattern,
  withoutAddresses,
} from '../../http/index.ts';
import { type heldBody, heldPage, retriedBody, retriedPage, shownBody } from './held-answers.ts';
import { isPlace, type Retried, type Retrier } from './retry-ports.ts';

/** What readiness says. @param trouble why the last retry could not be made */
export function heldAnswer(count: number, shown: readonly Held[], trouble: string | undefined) {
  const detail =
    trouble === undefined ? `${count} held` : `${count} held; they cannot be tried: ${withoutAddresses(trouble)}`;
  return { detail, data: shown };
}

const keyParams = z.strictObject({
  key: z
    .string()
    .min(1)
    .describe('A subject, or `<topic>/<partition>@<offset>`, percent-encoded')
    .meta({ pattern: `^(?:[a-z][a-z0-9-]{0,39}-${uuidPattern}|[A-Za-z0-9._-]{1,249}/[0-9]{1,9}@[0-9]{1,16})$` }),
});

function presentHeld(held: Held): z.output<typeof heldBody> {
  return { ...held, projection: held.projection || null, kind: isPlace(held) ? 'place' : 'subject' };
}

function presentRetried({ held, ...rest }: Retried): z.output<typeof retriedBody> {
  return { ...rest, held: held ? presentHeld(held) : null };
}

type Document = z.output<typeof shownBody>['document'];

/** Adds `/admin/held` and what is below it. */
export function addHeldRoutes(app: HttpApp, retrier: Retrier): void {
  const tags = ['operations'];

  app.get(
    '/admin/held',
    {
      config: { policy: 'admin' },
      schema: {
        tags,
        summary: 'List what is held',
        querystring: pageQuery,
        response: { 200: heldPage },
      },
    },
    async (request, reply) => {
      const { limit, after } = readPage(request, 'string');
      const found = await retrier.pages.after(after, limit + 1);
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
        summary: 'Show a held subject and the result that a retry would have; writes nothing',
        params: keyParams,
        response: { 200: shownBody },
      },
    },
    async (request) => {
      const { held, document, next, detail } = await retrier.show(request.params.key);
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
        summary: 'Read the later events from their owner, and release the subject if that is possible now',
        params: keyParams,
        response: { 200: retriedBody },
      },
    },
    async (request) => presentRetried(await retrier.retry(request.params.key)),
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
      const { retried, left } = await retrier.retryAfter(after, limit);
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
          'Forget an offset of a topic, or a hole or an unreadable event that the owner of the subject does not have',
        params: keyParams,
        response: { 204: noContent },
      },
    },
    async (request, reply) => {
      await retrier.dismiss(request.params.key);
      return reply.code(204).send();
    },
  );
}
