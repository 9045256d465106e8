// The routes of references: `GET /references`, and for each kind what one document still waits for.
import { Failure, subjectOf } from 'foldline/engine';
import { type HttpApp, idParams, pageSchema, readPage, sendPage } from 'foldline/fastify';
import { type ExplainPorts, explain } from './explain.ts';
import { explanationBody, explanationOf } from './explanation.ts';
import type { Kind } from './fields.ts';
import type { Ledger } from './ledger.ts';
import { ledgerQuery, placeOf, textOf } from './query.ts';
import { referenceBody } from './reference-body.ts';

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
      if (!finding) throw new Failure('not-found', `Nothing was heard of ${subject} yet.`);
      return explanationOf(finding);
    },
  );
}
