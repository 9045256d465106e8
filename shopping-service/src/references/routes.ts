// `GET /references`: the ledger of references, filtered by state, target and referrer.
import { Failure, kindOf, subjectOf } from 'foldline/engine';
import {
  type HttpApp,
  idParams,
  lowerCaseUuid,
  pageFields,
  pageSchema,
  readPage,
  sendPage,
  uuidPattern,
} from 'foldline/fastify';
import { z } from 'zod';
import { type ExplainPorts, explain } from './explain.ts';
import { explanationBody, explanationOf, referenceBody } from './explanation.ts';
import { isKind, isReferenceField, type Kind, kinds } from './fields.ts';
import type { Ledger, LedgerQuery, Narrowing } from './ledger.ts';
import type { LedgerPlace } from './ledger-entry.ts';
import { referenceStates } from './states.ts';

const kindsText = kinds.join(', ');
const subjectsText = kinds.map((kind) => `${kind}-<uuid>`).join(', ');

const subjectOrKind = z
  .string({ error: 'It must be given once.' })
  .transform((text, context): Narrowing => {
    const refuse = (message: string) => {
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    };
    if (isKind(text)) return { kind: text };
    const kind = kindOf(text);
    if (!isKind(kind)) {
      return refuse(`There is no kind or subject of this name; kinds are ${kindsText}, subjects ${subjectsText}.`);
    }
    if (!lowerCaseUuid.safeParse(text.slice(kind.length + 1)).success)
      return refuse(`A subject is its kind, a hyphen and a lower-case UUID: ${subjectOf(kind, '<uuid>')}.`);
    return { kind, subject: text };
  })
  .meta({ type: 'string', pattern: `^(${kinds.join('|')})(-<uuid>)?$`.replace('<uuid>', uuidPattern) });

export const ledgerQuery = z.strictObject({
  state: z
    .enum(referenceStates, { error: `It must be one of ${referenceStates.join(', ')}.` })
    .optional()
    .describe('Only references in this state; `pending` includes overdue ones'),
  referrer: subjectOrKind.optional().describe('Only references that this subject, or this kind, holds'),
  target: subjectOrKind.optional().describe('Only references to this subject, or this kind'),
  ...pageFields,
});

/** The place of a cursor that was handed out for the same filter. @throws Failure `invalid-request` for any other */
export function placeOf(text: string, query: LedgerQuery): LedgerPlace {
  const [filter, field, referrer, target] = text.split(' ');
  if (filter === filterOf(query) && field && isReferenceField(field) && referrer && target)
    return { field, referrer, target };
  const detail = 'It belongs to another filter; repeat state, referrer and target as they were, or start without one.';
  throw new Failure('invalid-request', `The query is not valid at ?cursor: ${detail}`, {
    errors: [{ pointer: '?cursor', detail }],
  });
}

/** What a cursor says. */
export function textOf({ field, referrer, target }: LedgerPlace, query: LedgerQuery): string {
  return [filterOf(query), field, referrer, target].join(' ');
}

function filterOf({ state, referrer, target }: LedgerQuery): string {
  return [state, referrer?.subject ?? referrer?.kind, target?.subject ?? target?.kind].join('/');
}

export interface ReferencePorts extends ExplainPorts {
  readonly ledger: Ledger;
}

export function addReferenceRoutes(app: HttpApp, ports: ReferencePorts): void {
  app.get(
    '/references',
    {
      config: { policy: 'read' },
      schema: {
        tags: ['references'],
        summary: 'List references, each with the state of its target',
        querystring: ledgerQuery,
        response: { 200: pageSchema(referenceBody) },
      },
    },
    async (request, reply) => {
      const { limit, after } = readPage(request, 'string');
      const { query } = request;
      const place = after === undefined ? undefined : placeOf(after, query);
      const { entries, next } = await ports.ledger.page(query, { limit, after: place });
      return sendPage(reply, request, entries, next && textOf(next, query));
    },
  );

  addExplainRoute(app, ports, 'customers', 'user');
  addExplainRoute(app, ports, 'categories', 'category');
  addExplainRoute(app, ports, 'items', 'item');
  addExplainRoute(app, ports, 'orders', 'order');
}

function addExplainRoute(app: HttpApp, ports: ExplainPorts, plural: string, kind: Kind): void {
  app.get(
    `/${plural}/:id/explain`,
    {
      config: { policy: 'read', problems: ['not-found'] },
      schema: {
        tags: [plural],
        summary: 'Say what is missing, and which event would complete it',
        params: idParams,
        response: { 200: explanationBody },
      },
    },
    async (request) => {
      const subject = subjectOf(kind, request.params.id);
      const finding = await explain(ports, kind, subject);
      if (!finding) throw new Failure('not-found', `This service has no event of ${subject} yet.`);
      return explanationOf(finding);
    },
  );
}
