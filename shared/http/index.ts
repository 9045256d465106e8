// The HTTP edge that every service builds on: `createHttpApp`, then routes, then `listen`.
export { type Policy, requireAdmin, requireToken } from './access.ts';
export { createHttpApp, type HttpApp, type HttpAppOptions } from './app.ts';
export { canonicalJson } from './canonical-json.ts';
export * from './conditional.ts';
export * from './cursor.ts';
export * from './fields.ts';
export * from './idempotency.ts';
export { defaultLimits, type HttpLimits } from './limits.ts';
export { createLogger, errorForLog, withoutAddresses } from './logging.ts';
export { createMetrics } from './metrics.ts';
export type { Readiness, ReadinessCheck } from './operations.ts';
export { applyPreferWait, parsePreferWait } from './prefer.ts';
export { explanations, renderErrorsMarkdown } from './problem-explanations.ts';
export { type Problem, problemSchema, problemType } from './problems.ts';
export * from './progress-checks.ts';
export { type EdgeReply, type EdgeRequest, resourcePath } from './request-context.ts';
export { type HttpServer, type ListenOptions, listen, stopOnSignals } from './server.ts';
export { type ApiTokens, assertSafeBinding, isLoopback, type Principal, parseApiTokens } from './tokens.ts';
