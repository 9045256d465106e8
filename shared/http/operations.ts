// The routes for operators. Liveness says only that the process answers. Readiness and freshness are the service's own statements, bounded in
// time, and their details need a token where there are tokens.
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

const statementSchema = <W extends string>(words: readonly [W, W]) =>
  z.strictObject({ status: z.enum(words), checks: z.array(checkSchema).optional() });

// `?verbose` alone is how probes are usually written; an empty value means true.
const statementQuery = z.strictObject({ verbose: z.enum(['', 'true', 'false']).optional() });

export interface OperationsPorts {
  readiness: (verbose: boolean) => Promise<Readiness>;
  /** Whether data flows and completeness is known: `ready` then means fresh. Left out where nobody follows events. */
  freshness?: ((verbose: boolean) => Promise<Readiness>) | undefined;
  metrics: Registry;
  limits: HttpLimits;
}

/** Adds `/livez`, `/readyz`, `/freshness` and `/metrics`. */
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

  addStatement(app, ports.limits, {
    path: '/readyz',
    summary: 'Whether the service does its work',
    words: ['ready', 'not-ready'],
    ask: ports.readiness,
  });
  if (ports.freshness)
    addStatement(app, ports.limits, {
      path: '/freshness',
      summary: 'Whether data flows, and whether the completeness of the models is known',
      words: ['fresh', 'not-fresh'],
      ask: ports.freshness,
    });

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

interface Statement {
  readonly path: '/readyz' | '/freshness';
  readonly summary: string;
  /** For 200 and for 503. */
  readonly words: readonly [string, string];
  readonly ask: (verbose: boolean) => Promise<Readiness>;
}

function addStatement(app: HttpApp, limits: HttpLimits, { path, summary, words, ask }: Statement): void {
  const body = statementSchema(words);
  app.get(
    path,
    {
      config: { policy: 'public', probe: true },
      schema: {
        tags: ['operations'],
        summary,
        querystring: statementQuery,
        response: { 200: body, 503: body },
      },
    },
    async (request, reply) => {
      const verbose = request.query.verbose !== undefined && request.query.verbose !== 'false';
      if (verbose) requireToken(request);
      const { ready, checks } = await boundedStatement(app, limits, () => ask(verbose));
      if (!ready) reply.header('Retry-After', '1');
      return reply.code(ready ? 200 : 503).send({ status: words[ready ? 0 : 1], ...(verbose ? { checks } : {}) });
    },
  );
}

/** A check that hangs or throws is the clearest sign of not being ready; it must not hang the probe too. */
async function boundedStatement(
  app: HttpApp,
  { readinessMs }: HttpLimits,
  ask: () => Promise<Readiness>,
): Promise<Readiness> {
  const failed = (detail: string): Readiness => ({
    ready: false,
    checks: [{ name: 'readiness', ready: false, detail }],
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Readiness>((resolve) => {
    timer = setTimeout(() => resolve(failed(`The checks took longer than ${readinessMs} ms.`)), readinessMs);
  });
  try {
    return await Promise.race([ask(), late]);
  } catch (error) {
    app.log.error({ err: error }, 'a readiness check failed');
    return failed('A check failed; the log says how.');
  } finally {
    clearTimeout(timer);
  }
}
