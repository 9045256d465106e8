// Durations of requests by route pattern, method and status. Promises bounded labels: an unknown path or method
// is one label, whatever a caller invents.
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { HttpApp } from './http-app.ts';

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const bucketsSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** A registry with Node's own figures in it; a service adds its own. */
export function createMetrics(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

/** Measures every request of the app into `registry`. */
export function addRequestMetrics(app: HttpApp, registry: Registry): void {
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Duration of HTTP requests by route pattern, method and status',
    labelNames: ['route', 'method', 'status'] as const,
    buckets: bucketsSeconds,
    registers: [registry],
  });
  app.addHook('onResponse', async (request, reply) => {
    durations.observe(
      {
        route: request.is404 ? 'unknown' : (request.routeOptions.url ?? 'unknown'),
        method: methods.has(request.method) ? request.method : 'other',
        status: String(reply.statusCode),
      },
      reply.elapsedTime / 1000,
    );
  });
}
