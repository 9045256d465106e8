// What the API description says of every route without the route saying it: its problems, and the headers of requests and answers.
// Patterns are exactly what the readers take, so that a tool can make valid ones and invalid ones.
import type { RouteOptions } from 'fastify';
import { z } from 'zod';
import { type FailureCode, failures } from '../engine/index.ts';
import type { Policy } from './access.ts';
import { problemType } from './problems.ts';

type Headers = Record<string, object>;

const commonProblems: FailureCode[] = [
  'invalid-request',
  'unauthorized',
  'misdirected',
  'rate-limited',
  'internal',
  'overloaded',
];

const text = (description: string, more: object = {}) => ({ type: 'string', description, ...more });

const key = '[ \\u00a0]*[!#-~\\u00a1-\\u00ff][ -~\\u00a0-\\u00ff]{0,254}';
const quotedKey = '"(?:[ !#-\\[\\]-~]|\\\\["\\\\]){1,255}"';

const requestHeaders = {
  key: text('Makes a repeat of this request answer as the first did', {
    pattern: `^(?:${key}|${quotedKey})$`,
    examples: ['8e03978e-40d5-43dd-bc93-6894a57f9324'],
  }),
  // Its syntax is the standard's (RFC 9110, section 13.1.1), which tools know better than by a pattern.
  condition: text('Entity tags the change is meant for; weak ones never match', { examples: ['"7"', '*', '"7", "8"'] }),
  prefer: text('`wait=s`: how long to wait for `minVersion`, at most 30 s'),
  conversation: text('The conversation this belongs to; echoed, made if missing', {
    pattern: '^[ -~\\u00a0-\\u00ff]{0,200}$',
  }),
};

const answerHeaders = {
  'Correlation-Id': text('The conversation this belongs to'),
  'Request-Id': text('Names this request in the log'),
};
const etag = text('The version that is shown', { pattern: '^"[0-9]+"$' });
const seconds = text('Seconds to wait before the next try', { pattern: '^[0-9]+$' });

interface Traits {
  readonly keyed: boolean;
  readonly creates: boolean;
  readonly asksVersion: boolean;
  readonly pages: boolean;
  readonly versioned: boolean;
}

function traitsOf({ method, config }: RouteOptions, query: unknown): Traits {
  const keyed = config?.keyed ?? config?.policy === 'write';
  const takes = (name: string) => query instanceof z.ZodObject && name in query.shape;
  const asksVersion = method === 'GET' && takes('minVersion');
  const creates = method === 'POST';
  return {
    keyed,
    creates,
    asksVersion,
    pages: takes('cursor'),
    versioned: config?.versioned ?? (keyed || asksVersion),
  };
}

/** The headers that a route reads. */
export function requestHeadersOf(route: RouteOptions, query: unknown): Headers {
  const { keyed, asksVersion } = traitsOf(route, query);
  return {
    ...(keyed && { 'Idempotency-Key': requestHeaders.key }),
    ...(keyed && route.method !== 'POST' && { 'If-Match': requestHeaders.condition }),
    ...(asksVersion && { Prefer: requestHeaders.prefer }),
    'Correlation-Id': requestHeaders.conversation,
  };
}

/** Every answer of a route by status: those it declares, with their headers, and a problem for each status it may end in. */
export function answersOf(route: RouteOptions, query: unknown, declared: object = {}): Record<string, object> {
  const traits = traitsOf(route, query);
  const successes = Object.entries(declared).map(([status, schema]) => [
    status,
    { ...schema, headers: successHeadersOf(Number(status), traits) },
  ]);
  return { ...problemResponses(problemsOf(route, traits), traits), ...Object.fromEntries(successes) };
}

function successHeadersOf(status: number, { keyed, creates, asksVersion, pages, versioned }: Traits): Headers {
  return {
    ...answerHeaders,
    ...(status === 503 && { 'Retry-After': seconds }),
    ...((status === 201 || status === 202 || (keyed && creates)) && { Location: text('Where what was made is found') }),
    ...(versioned && { ETag: etag }),
    ...(versioned &&
      !keyed && { 'Content-Location': text('Who stands for the one that was asked for, if another does') }),
    ...(keyed && { 'Idempotency-Replayed': text('`true`: the answer to an earlier request under this key') }),
    ...(asksVersion && { 'Preference-Applied': text('`wait=s`, as it was understood') }),
    ...(pages && { Link: text('The next page, as `rel="next"`; missing on the last one') }),
  };
}

/** Every token may read. */
const mayBeForbidden = (policy: Policy | undefined) => policy !== 'public' && policy !== 'read';

function problemsOf({ method, config }: RouteOptions, { keyed }: Traits): FailureCode[] {
  const changes = method === 'POST' || method === 'PATCH' || method === 'DELETE';
  return [
    ...commonProblems,
    ...(changes ? (['cross-site', 'too-large', 'unsupported-media-type'] as const) : []),
    ...(keyed ? (['idempotency-key-reused'] as const) : []),
    ...(mayBeForbidden(config?.policy) ? (['forbidden'] as const) : []),
    ...(config?.problems ?? []),
  ];
}

/** The problems of a route, one answer for each status, with an example of each code. */
function problemResponses(codes: readonly FailureCode[], { asksVersion }: Traits): Record<string, object> {
  const byStatus = new Map<number, FailureCode[]>();
  for (const code of new Set(codes)) {
    const { status } = failures[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, named]) => [
      String(status),
      {
        description: named.map((code) => `\`${code}\`: ${failures[code].title}`).join('; '),
        headers: {
          ...answerHeaders,
          ...((status === 503 || status === 429) && { 'Retry-After': seconds }),
          ...(status === 401 && { 'WWW-Authenticate': text('`Bearer`') }),
          ...(asksVersion && { 'Preference-Applied': text('`wait=s`, as it was understood') }),
          ...(named.includes('identity-absorbed') && { Location: text('The one who stands for both') }),
        },
        content: {
          [problemType]: {
            schema: { $ref: '#/components/schemas/Problem' },
            examples: Object.fromEntries(named.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
          },
        },
      },
    ]),
  );
}
