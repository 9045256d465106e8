// What is logged, and what never is: bodies, query values, tokens, and addresses inside error messages stay out.
// One line for each request, when it ends; probes only at debug.
import { type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import { type DestinationStream, type LevelWithSilent, type Logger, pino } from 'pino';
import { withoutLogins } from '../engine/index.ts';
import { visible } from '../terminal/index.ts';

const secrets = ['authorization', 'cookie', 'password', 'token', 'apiTokens'];
const personal = ['email', 'firstName', 'lastName', 'data', 'body', 'query', 'claims'];
const redacted = [...secrets, ...personal].flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `headers.${name}`]);

const causesLimit = 5;

/** An error without the addresses that drivers quote in their messages (a duplicate key's value, for one). */
export function errorForLog(error: unknown, depth = 0): object {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code } = error as { code?: unknown };
  return {
    type: error.name,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    message: withoutAddresses(error.message),
    stack: withoutAddresses(error.stack ?? ''),
    ...(error.cause !== undefined && depth < causesLimit ? { cause: errorForLog(error.cause, depth + 1) } : {}),
  };
}

/** A message without what looks like an e-mail address, and without the login of any URI. */
export function withoutAddresses(text: string): string {
  // The pattern takes all text that may precede an @, even without an @, so that a huge quoted text takes no long time.
  return withoutLogins(text).replace(/[^\s"'<>@:]+(@[^\s"'<>@/]+)?/g, (part, at: string | undefined) =>
    at ? '<address>' : part,
  );
}

/** A logger for a whole service. @param name which service the lines are of. */
export function createLogger(
  options: { name: string; level: LevelWithSilent },
  destination?: DestinationStream,
): Logger {
  const settings = {
    name: options.name,
    level: options.level,
    // As a word: nobody should have to know that 40 is a warning.
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: redacted, censor: '[redacted]' },
    serializers: {
      err: errorForLog,
      error: errorForLog,
      req: (request: FastifyRequest) => ({ method: request.method, route: request.routeOptions?.url }),
      res: (reply: FastifyReply) => ({ status: reply.statusCode }),
    },
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  return pino(settings, visibleLines(destination ?? pino.destination()));
}

/** The library escapes what JSON must escape; a terminal obeys more than that, and shows logs too. */
function visibleLines(destination: DestinationStream): DestinationStream {
  return { write: (line) => destination.write(`${visible(line.trimEnd())}\n`) };
}

/** Replaces the framework's own lines, which name the full address, with one that names the route's pattern. */
export class EdgeLogController extends LogController {
  constructor() {
    super({ requestIdLogLabel: 'requestId' });
  }

  override incomingRequest(): void {}

  override routeNotFound(): void {}

  override requestCompleted(error: Error | null | undefined, request: FastifyRequest, reply: FastifyReply): void {
    const line = {
      method: request.method,
      route: request.is404 ? 'unknown' : request.routeOptions.url,
      status: reply.statusCode,
      ...(request.problemCode === undefined ? {} : { code: request.problemCode }),
      principal: request.principal?.name,
      correlationId: request.correlationId,
      durationMs: Math.round(reply.elapsedTime * 10) / 10,
      ...(error ? { err: error } : {}),
    };
    if (request.routeOptions.config?.probe === true) reply.log.debug(line, 'request');
    else reply.log.info(line, 'request');
  }
}
