// The HTTP edge that every service builds on: `createHttpApp`, then routes, then `listen`.
export { type Policy, requireToken } from './access.ts';
export { createHttpApp, type HttpAppOptions, joinHttpApp } from './app.ts';
export { type Authorize, callersBy } from './callers.ts';
export * from './contract-routes.ts';
export * from './cursor.ts';
export { type EdgeSettings, edgeOf } from './edge-settings.ts';
export * from './fields.ts';
export type { HttpApp } from './http-app.ts';
export { defaultLimits, type HttpLimits } from './limits.ts';
export { createLogger, errorForLog, withoutAddresses } from './logging.ts';
export { createMetrics } from './metrics.ts';
export type { ApiExample } from './openapi-examples.ts';
export * from './operation-examples.ts';
export type { Readiness, ReadinessCheck } from './operations.ts';
export { explanations, renderErrorsMarkdown } from './problem-explanations.ts';
export { type Problem, problemSchema, problemType } from './problems.ts';
export { type EdgeReply, type EdgeRequest, resourcePath } from './request-context.ts';
export * from './request-headers.ts';
export { type HttpServer, type ListenOptions, listen, stopOnSignals } from './server.ts';
export {
  type ApiTokens,
  assertSafeBinding,
  isLoopback,
  type Principal,
  parseApiTokens,
  type Right,
} from './tokens.ts';
