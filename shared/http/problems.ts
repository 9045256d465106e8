// Answers failures as RFC 9457 problems. Promises one shape for every error of every route, including the ones the
// framework or the socket finds; a body never holds a stack or a driver's text.
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Failure, type FailureCode, failures } from '../engine/index.ts';
import { askedOn } from './connections.ts';
import type { HttpApp } from './http-app.ts';
import { knownRoutesOf, noSuchRoute } from './known-routes.ts';
import type { HttpLimits } from './limits.ts';
import { failureOf } from './problem-mapping.ts';
import { isPath, pathOf } from './request-context.ts';

/** What a service knows of the errors of its own servers, for example that its database does not answer. */
export type KnownFailure = (error: unknown) => Failure | undefined;

/** The body of every answer that is not a success. */
export const problemSchema = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    code: z.enum(Object.keys(failures) as [FailureCode, ...FailureCode[]]),
    requestId: z.string(),
    errors: z.array(z.strictObject({ pointer: z.string(), detail: z.string() })).optional(),
    currentVersion: z.int().min(0).optional(),
  })
  .describe('A problem as RFC 9457 defines it; `code` is the stable word to compare.');

export type Problem = z.output<typeof problemSchema>;

export const problemType = 'application/problem+json';

/** A failure as the body that is sent for it. `instance` is the path without its query, which may hold personal data. */
export function problemOf(
  failure: Failure,
  request: { readonly id: string; readonly url: string },
  mountedAt = '',
): Problem {
  const { status, title } = failures[failure.code];
  return {
    type: `${mountedAt}/problems/${failure.code}`,
    title,
    status,
    detail: failure.message,
    instance: isPath(request.url) ? pathOf(request) : '',
    code: failure.code,
    requestId: request.id,
    ...(failure.errors === undefined ? {} : { errors: failure.errors }),
    ...(failure.currentVersion === undefined ? {} : { currentVersion: failure.currentVersion }),
  };
}

/** Sends a failure; sets `Retry-After` on every 503 and `WWW-Authenticate` on 401. */
export function sendProblem(failure: Failure, request: FastifyRequest, reply: FastifyReply): void {
  const problem = problemOf(failure, request, request.server.mountedAt);
  request.problemCode = failure.code;
  logServerFault(failure, problem.status, request);
  if (problem.status === 503) reply.header('Retry-After', '1');
  if (failure.code === 'unauthorized') reply.header('WWW-Authenticate', 'Bearer');
  if (failure.code === 'method-not-allowed')
    reply.header('Allow', request.server.knownRoutes.methodsOf(pathOf(request)).join(', '));
  // Sent as bytes: an error answer must not depend on the route's own response schema, nor gain a charset.
  reply
    .code(problem.status)
    .header('Content-Type', problemType)
    .send(Buffer.from(`${JSON.stringify(problem)}\n`));
}

function logServerFault(failure: Failure, status: number, request: FastifyRequest): void {
  if (status < 500) return;
  if (failure.code !== 'internal') {
    if (failure.cause !== undefined) request.log.warn({ err: failure.cause, code: failure.code }, 'request refused');
    return;
  }
  // A caller who hung up makes handlers fail too; that alone is nothing to wake anybody for.
  const level = request.raw.socket?.destroyed === true ? 'info' : 'error';
  request.log[level]({ err: failure.cause ?? failure }, 'request failed');
}

/** Makes every error of the app a problem. */
export function addProblems(app: HttpApp, limits: HttpLimits, known: KnownFailure = () => undefined): void {
  app.decorate('knownRoutes', knownRoutesOf(app));
  app.setErrorHandler((error, request, reply) => sendProblem(known(error) ?? failureOf(error, limits), request, reply));
  app.setNotFoundHandler((request, reply) => sendProblem(noSuchRoute(request), request, reply));
}

const refused = new WeakSet<Socket>();

/**
 * Answers what Node refuses before there is a request: broken syntax, headers too large, headers or body too slow. Requests that came
 * whole before on the same socket are answered first: otherwise a caller would take the refusal for the answer to one of them.
 */
export function answerClientError(error: Error & { code?: string }, socket: Socket, requestId: string): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || refused.has(socket)) return;
  refused.add(socket);
  const asked = askedOn(socket);
  const before = [...(asked?.open ?? [])].filter(({ req }) => req.complete);
  const refuse = () => {
    // The request whose body is at fault was answered already.
    if (asked?.last.req.complete === false && asked.last.writableEnded) socket.destroySoon();
    else writeRefusal(error, socket, requestId);
  };
  let left = before.length;
  if (left === 0) refuse();
  for (const response of before) {
    response.once('close', () => {
      left -= 1;
      if (left === 0) refuse();
    });
  }
}

function writeRefusal(error: Error & { code?: string }, socket: Socket, requestId: string): void {
  const failure =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? new Failure('too-large', 'The headers are too large.')
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? new Failure('invalid-request', 'The request did not arrive in time.')
        : new Failure('invalid-request', 'This is not a valid HTTP request.');
  const problem = problemOf(failure, { id: requestId, url: '' });
  const body = `${JSON.stringify(problem)}\n`;
  if (socket.writable) {
    socket.write(
      `HTTP/1.1 ${problem.status} Refused\r\nConnection: close\r\nContent-Type: ${problemType}\r\n` +
        `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  }
  socket.destroySoon();
}
