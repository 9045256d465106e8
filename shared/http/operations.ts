// The routes for operators. Liveness says only that the process answers. Readiness is the service's own statement, bounded in time, and
// its details need a token where there are tokens.
import type { Registry } from 'prom-client';
import { z } from 'zod';
import { requireToken } from './access.ts';
import type { HttpApp } from './http-app.ts';
import type { HttpLimits } from './limits.ts';

const checkSchema = z.strictObject({
  name: z.string(),
  ready: z.boolean(),
  detail: z.string().optional(),
  /** Whatever an operator needs to see: held subjects, clashes, lags. Any JSON. */
  data: z.unknown().optional(),
});

export type ReadinessCheck = z.output<typeof checkSchema>;

export interface Readiness {
  ready: boolean;
  checks: ReadinessCheck[];
}

const readinessSchema = z.strictObject({
  status: z.enum(['ready', 'not-ready']),
  checks: z.array(checkSchema).optional(),
});

// `?verbose` alone is how probes are usually written; an empty value means true.
const readinessQuery = z.strictObject({ verbose: z.enum(['', 'true', 'false']).optional() });

export interface OperationsPorts {
  readiness: (verbose: boolean) => Promise<Readiness>;
  metrics: Registry;
  limits: HttpLimits;
}

/** Adds `/livez`, `/readyz` and `/metrics`. */
export function addOperations(app: HttpApp, ports: OperationsPorts): void {
  const tags = ['operations'];
  app.get(
    '/livez',
    {
      config: { policy: 'public', probe: true },
      schema: {
        tags,
        summary: 'Whether the process answers',
        response: { 200: z.strictObject({ status: z.literal('live') }) },
      },
    },
    async () => ({ status: 'live' as const }),
  );

  app.get(
    '/readyz',
    {
      config: { policy: 'public', probe: true },
      schema: {
        tags,
        summary: 'Whether the service does its work',
        querystring: readinessQuery,
        response: { 200: readinessSchema, 503: readinessSchema },
      },
    },
    async (request, reply) => {
      const verbose = request.query.verbose !== undefined && request.query.verbose !== 'false';
      if (verbose) requireToken(request);
      const { ready, checks } = await askReadiness(app, ports, verbose);
      if (!ready) reply.header('Retry-After', '1');
      const body = { status: ready ? ('ready' as const) : ('not-ready' as const), ...(verbose ? { checks } : {}) };
      return reply.code(ready ? 200 : 503).send(body);
    },
  );

  app.get(
    '/metrics',
    {
      config: { policy: 'read', probe: true },
      schema: {
        tags,
        summary: 'Figures in the text format of Prometheus',
        response: { 200: { content: { 'text/plain': { schema: z.string() } } } },
      },
    },
    async (_request, reply) => reply.type(ports.metrics.contentType).send(await ports.metrics.metrics()),
  );
}

/** A check that hangs or throws is the clearest sign of not being ready; it must not hang the probe too. */
async function askReadiness(app: HttpApp, ports: OperationsPorts, verbose: boolean): Promise<Readiness> {
  const { readinessMs } = ports.limits;
  const failed = (detail: string): Readiness => ({
    ready: false,
    checks: [{ name: 'readiness', ready: false, detail }],
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Readiness>((resolve) => {
    timer = setTimeout(() => resolve(failed(`The checks took longer than ${readinessMs} ms.`)), readinessMs);
  });
  try {
    return await Promise.race([ports.readiness(verbose), late]);
  } catch (error) {
    app.log.error({ err: error }, 'a readiness check failed');
    return failed('A check failed; the log says how.');
  } finally {
    clearTimeout(timer);
  }
}
