// Composes the HTTP edge of a service: limits, identities, strict input, problems, description, probes. Promises
// that a route added later only has to declare its schemas and its policy. Listens nowhere: that is `server.ts`.
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import underPressure from '@fastify/under-pressure';
import { type FastifyBaseLogger, fastify } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Registry } from 'prom-client';
import { v7 } from 'uuid';
import { Failure } from '../engine/index.ts';
import { addAuthorization, addIdentification, addPolicyGate } from './access.ts';
import { type Callers, callersByTokens } from './callers.ts';
import { addConnectionLimits } from './connections.ts';
import type { HttpApp } from './http-app.ts';
import { addInFlightLimit } from './in-flight.ts';
import { addJsonBodies } from './json-body.ts';
import { addStartPage, docsPrefix } from './known-routes.ts';
import { defaultLimits, type HttpLimits } from './limits.ts';
import { EdgeLogController } from './logging.ts';
import { addRequestMetrics } from './metrics.ts';
import { type ApiDescription, addApiDescription, addApiDescriptionPages, hideFromOthers } from './openapi.ts';
import { addOperations, type Readiness } from './operations.ts';
import { addSiteChecks } from './other-sites.ts';
import { failureOf, failureOfHost } from './problem-mapping.ts';
import { addProblemPages } from './problem-pages.ts';
import { addProblems, answerClientError, type KnownFailure, sendProblem } from './problems.ts';
import { addAddresses, addRequestContext } from './request-context.ts';
import { type ApiTokens, anonymousPrincipal } from './tokens.ts';

declare module 'fastify' {
  interface FastifyInstance {
    apiTokens: ApiTokens;
    callers: Callers;
    /** The prefix under which an app of others has the service, for example `/shop`; empty for a service that runs alone. */
    mountedAt: string;
    /** Aborted when the app begins to close: whoever waits for news on behalf of a request stops waiting. */
    stopping: AbortSignal;
  }
}

export interface HttpAppOptions extends ApiDescription {
  tokens: ApiTokens;
  /** Who calls; by the tokens unless given. */
  callers?: Callers | undefined;
  /** Aborted when the app begins to close; a service that ends before the app aborts it itself. */
  stopping?: AbortController | undefined;
  logger: FastifyBaseLogger;
  metrics: Registry;
  readiness: (verbose: boolean) => Promise<Readiness>;
  /** Left out where nobody follows events. */
  freshness?: ((verbose: boolean) => Promise<Readiness>) | undefined;
  /** Off on loopback. */
  rateLimit: boolean;
  /** Addresses and networks of proxies whose forwarded headers are believed; never "all". */
  trustProxy?: false | string[];
  limits?: Partial<HttpLimits>;
  knownFailure?: KnownFailure;
  newId?: () => string;
}

/** An app with everything but the service's own routes. */
export async function createHttpApp(options: HttpAppOptions): Promise<HttpApp> {
  const limits = { ...defaultLimits, ...options.limits };
  const app = bareApp(options, limits, options.newId ?? v7);
  addErrors(app, options, limits);
  addConnectionLimits(app, { limits, proxies: options.trustProxy || [], metrics: options.metrics });
  await addEdge(app, options, limits);
  return app;
}

/** The same inside of an app of others, with what a plugin can have of its own: all but the server and its connections. */
export async function joinHttpApp(app: HttpApp, options: HttpAppOptions): Promise<void> {
  const limits = { ...defaultLimits, ...options.limits };
  const knownFailure: KnownFailure = (error) => options.knownFailure?.(error) ?? failureOfHost(error);
  refuseTakenNames(app);
  addErrors(app, { ...options, knownFailure }, limits);
  hideFromOthers(app);
  await addEdge(app, options, limits);
}

/** A terminal shows the prompt below an answer that ends with a newline. */
const withNewline: typeof serializerCompiler = (route) => {
  const serialize = serializerCompiler(route);
  return (data) => `${serialize(data)}\n`;
};

/** What answers for all that comes after it. */
function addErrors(app: HttpApp, options: HttpAppOptions, limits: HttpLimits): void {
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(withNewline);
  app.decorate('apiTokens', options.tokens);
  app.decorate('callers', options.callers ?? callersByTokens(options.tokens));
  app.decorate('mountedAt', app.prefix.replace(/\/$/, ''));
  addProblems(app, limits, options.knownFailure);
  addRequestContext(app, options.newId ?? v7);
  addStopping(app, options.stopping ?? new AbortController());
}

async function addEdge(app: HttpApp, options: HttpAppOptions, limits: HttpLimits): Promise<void> {
  addInFlightLimit(app, limits.requestsInFlight, options.metrics);
  addSiteChecks(app);
  addRouteLimits(app, limits);
  addRequestMetrics(app, options.metrics);
  await app.register(helmet, {
    xFrameOptions: { action: 'deny' },
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
  });
  addIdentification(app, app.callers);
  await addCallerLimits(app, options.rateLimit, limits);
  addAuthorization(app);
  addJsonBodies(app, limits);
  addPolicyGate(app, { prefix: docsPrefix, policy: 'read' });
  await addApiDescription(app, {
    title: options.title,
    version: options.version,
    description: options.description,
    examples: options.examples,
  });
  await addApiDescriptionPages(app, options.title);
  addOperations(app, { readiness: options.readiness, freshness: options.freshness, metrics: options.metrics, limits });
  addProblemPages(app);
  addStartPage(app, options, app.knownRoutes);
  addAddresses(app);
}

const requestNames = ['principal', 'correlationId', 'received', 'problemCode', 'waitAside'] as const;

/** A plugin sees the decorators of the app that it joins, and may not have others of the same name. */
function refuseTakenNames(app: HttpApp): void {
  const taken = requestNames.filter((name) => app.hasRequestDecorator(name)).map((name) => `request.${name}`);
  if (taken.length > 0)
    throw new Error(
      `The app decorates ${taken.join(', ')} already, and the service needs the same name: register the service beside the plugin that decorates it, or give the decorator another name.`,
    );
}

/** Per route, because an app that the service joined has limits of its own. */
function addRouteLimits(app: HttpApp, { bodyLimitBytes, handlerTimeoutMs }: HttpLimits): void {
  app.addHook('onRoute', (route) => {
    route.bodyLimit ??= bodyLimitBytes;
    route.handlerTimeout ??= handlerTimeoutMs;
  });
}

function bareApp(options: HttpAppOptions, limits: HttpLimits, newId: () => string): HttpApp {
  const app = fastify({
    loggerInstance: options.logger,
    logController: new EdgeLogController(),
    genReqId: newId,
    trustProxy: options.trustProxy ?? false,
    bodyLimit: limits.bodyLimitBytes,
    routerOptions: { maxParamLength: limits.pathPartBytes },
    connectionTimeout: limits.connectionTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    maxRequestsPerSocket: limits.requestsPerSocket,
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    // The framework's own 503 is no problem document; addStopping answers instead.
    return503OnClosing: false,
    http: {
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: limits.timeoutCheckMs,
      maxHeaderSize: limits.headersBytes,
      // Node's own 400 is no problem document; addRequestContext answers instead.
      requireHostHeader: false,
    },
    frameworkErrors: (error, request, reply) => sendProblem(failureOf(error, limits), request, reply),
    clientErrorHandler: (error, socket) => answerClientError(error, socket, newId()),
  }).withTypeProvider<ZodTypeProvider>();
  // Node drops headers beyond a number without a word, an If-Match among them; what bounds them is their size.
  app.server.maxHeadersCount = 0;
  // An expectation that nobody knows is passed over (RFC 9110, section 10.1.1): Node's 417 is no problem document.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
  return app;
}

function addStopping(app: HttpApp, stopping: AbortController): void {
  app.decorate('stopping', stopping.signal);
  app.addHook('preClose', async () => stopping.abort());
  app.addHook('onRequest', async (_request, reply) => {
    if (!stopping.signal.aborted) return;
    reply.header('Connection', 'close');
    throw new Failure('overloaded', 'The service is stopping; try again.');
  });
}

async function addCallerLimits(app: HttpApp, rateLimited: boolean, limits: HttpLimits): Promise<void> {
  if (rateLimited) {
    await app.register(rateLimit, { global: false });
    // An app that the service joined may have the same plugin, with limits of its own: ours are given with the hook.
    const hook = app.rateLimit({
      max: limits.requestsPerMinute,
      timeWindow: 60_000,
      // By caller where one is known: many may share an address. Wrong tokens count against their address.
      keyGenerator: ({ principal, ip }) => (principal === anonymousPrincipal ? `ip ${ip}` : `name ${principal.name}`),
      allowList: (request) => request.routeOptions.config?.probe === true,
      errorResponseBuilder: (_request, { max }) =>
        new Failure('rate-limited', `More than ${max} requests within a minute; Retry-After says when to go on.`),
    });
    app.addHook('onRequest', hook);
  }
  await app.register(underPressure, {
    maxEventLoopDelay: limits.eventLoopDelayMs,
    maxHeapUsedBytes: limits.heapUsedBytes,
    pressureHandler: async (request, _reply, _type, value) => {
      // Not a number: the whole process was paused for a sample, which says nothing about the load it is under now.
      if (request.routeOptions.config?.probe === true || !Number.isFinite(value)) return;
      throw new Failure('overloaded', 'The service has more to do than it can; try again.');
    },
  });
}
