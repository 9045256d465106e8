// What every request carries besides its own input: who asks, in which conversation, and what was sent before
// validation trimmed it. Promises that a conversation id is legal before anything else runs.
import { Failure } from '../engine/index.ts';
import type { HttpApp } from './http-app.ts';
import type { Principal } from './tokens.ts';

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal;
    correlationId: string;
    /** Body and query as they were sent, before trimming and defaults: what a request digest is made of. */
    received: ReceivedInput | undefined;
    /** Waits for `work` without counting as a request at work: one that only waits for news keeps no other request out. */
    waitAside<T>(work: () => Promise<T>): Promise<T>;
    /** The code of the problem this request ended in, for the log. */
    problemCode: string | undefined;
  }
}

export interface ReceivedInput {
  body: unknown;
  query: unknown;
}

/** The part of a request that this package's functions read; every Fastify request is one. */
export interface EdgeRequest {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  readonly params: unknown;
  readonly query: unknown;
  readonly routeOptions: { readonly url?: string | undefined };
  readonly principal: Principal;
  waitAside<T>(work: () => Promise<T>): Promise<T>;
  readonly correlationId: string;
  readonly received: ReceivedInput | undefined;
  readonly server: { readonly mountedAt: string };
}

/** The part of a reply that this package's functions write. */
export interface EdgeReply {
  header(name: string, value: string): unknown;
}

// Printable characters of the header's alphabet: what is echoed and stored cannot break a header or a log line.
const legalCorrelationId = /^[\x20-\x7e\xa0-\xff]{1,200}$/;

/** The value of a header that may be sent once. Node joins repeats of unknown headers with commas. */
export function headerOf(request: EdgeRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/**
 * Whether a target is a path of this service. Another form names a host (`http://…`, `//…`), which is nothing that a caller
 * could tell a service about itself.
 */
export function isPath(target: string): boolean {
  return target.startsWith('/') && target[1] !== '/' && target[1] !== '\\';
}

/** The path of the request without its query, as it was sent. */
export function pathOf(request: { readonly url: string }): string {
  const end = request.url.search(/[?#]/);
  return end === -1 ? request.url : request.url.slice(0, end);
}

/**
 * The route's pattern with the validated ids in it: one text for one resource, however its path was written, and wherever the service
 * is mounted.
 */
export function resourcePath(request: EdgeRequest): string {
  const params = (request.params ?? {}) as Record<string, unknown>;
  const path = (request.routeOptions.url ?? pathOf(request)).slice(request.server.mountedAt.length);
  return path.replace(/:(\w+)/g, (_whole, name: string) => encodeURIComponent(String(params[name] ?? '')));
}

/** Routes name resources as the service has them; a caller needs the prefix of the app that the service joined as well. */
export function addAddresses(app: HttpApp): void {
  const { mountedAt } = app;
  if (mountedAt === '') return;
  app.addHook('onSend', async (_request, reply) => {
    for (const name of ['location', 'content-location']) {
      const address = reply.getHeader(name);
      if (typeof address === 'string' && isPath(address)) reply.header(name, mountedAt + address);
    }
  });
}

/** Adds request id, conversation id and the input as sent to every request. */
export function addRequestContext(app: HttpApp, newId: () => string): void {
  app.decorateRequest('correlationId', '');
  app.decorateRequest('received', undefined);
  app.decorateRequest('problemCode', undefined);

  app.addHook('onRequest', async (request, reply) => {
    const given = headerOf(request, 'correlation-id') ?? '';
    const legal = legalCorrelationId.test(given);
    request.correlationId = legal ? given : newId();
    reply.header('Correlation-Id', request.correlationId);
    reply.header('Request-Id', request.id);
    reply.header('Cache-Control', 'no-store');
    // RFC 9112, section 3.2.
    if (request.raw.httpVersion === '1.1' && request.headers.host === undefined) {
      const detail = 'It is required in HTTP/1.1.';
      throw new Failure('invalid-request', `The header Host is missing. ${detail}`, {
        errors: [{ pointer: 'Host', detail }],
      });
    }
    if (given !== '' && !legal) {
      const detail = 'It must be 1 to 200 printable characters; leave it out to have one made.';
      throw new Failure('invalid-request', `The header Correlation-Id is not valid. ${detail}`, {
        errors: [{ pointer: 'Correlation-Id', detail }],
      });
    }
  });

  app.addHook('preValidation', async (request) => {
    request.received = { body: request.body, query: request.query };
  });
}
