// Plays the examples of an API description against a running app, in order, as the story that they are. Promises to find an
// answer that is another than the example shows, or that the description does not allow: status, header, or body.

import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { ApiExample, HttpApp } from '../../http/index.ts';

interface Answers {
  readonly [status: string]: {
    readonly headers?: Readonly<Record<string, unknown>>;
    readonly content?: Readonly<Record<string, { readonly schema?: object }>>;
  };
}

export interface Described {
  readonly components?: object;
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: Answers }>>>>;
}

// Members whose value is another each time: their schema alone is held against them.
const movingEverywhere = new Set([
  'createdAt',
  'updatedAt',
  'since',
  'time',
  'startedAt',
  'endedAt',
  'equalAt',
  'doubt',
  'requestId',
  'correlationid',
  'digest',
  'attempts',
  'figures',
  'last',
  'snapshot',
  'text',
  'projections',
  'stoodStillMs',
]);
const movingIn: Readonly<Record<string, readonly string[]>> = {
  'GET /users/{id}/events': ['id'],
  'GET /admin/models': ['models'],
  'POST /admin/models/{model}/rebuild': ['generations'],
  'POST /identity-merges': ['id'],
  'POST /admin/verifications': ['id', 'state'],
  'GET /admin/verifications/{id}': ['state'],
};
/** What an owner of events tells depends on all that was played before. */
const movingInOrigins = new Set(['newest', 'newestUnheld', 'held', 'subjects', 'versions', 'documents', 'buckets']);
const isMoving = (member: string, operation: string) =>
  movingEverywhere.has(member) ||
  movingIn[operation]?.includes(member) === true ||
  (operation.startsWith('GET /origin/') && movingInOrigins.has(member));

export interface Played {
  readonly example: ApiExample;
  readonly status: number;
  readonly body: unknown;
  readonly faults: readonly string[];
}

/** What every answer may carry, whichever route it is of: transport, and what protects a browser. */
const unspoken =
  /^(connection|content-(length|type|security-policy)|date|keep-alive|cache-control|cross-origin-.*|origin-agent-cluster|referrer-policy|strict-transport-security|x-.*)$/;

/** @returns every example with what came back, and what is wrong with it in one sentence each */
export async function playExamples(app: HttpApp, examples: readonly ApiExample[]): Promise<Played[]> {
  await app.ready();
  const document = app.swagger() as unknown as Described;
  const ajv = addFormats.default(new Ajv2020({ strict: false, allErrors: true }));
  // What the service made itself, by the value that the example shows for it.
  const learnt = new Map<string, string>();
  const real = <T>(value: T): T => {
    let text = JSON.stringify(value ?? null);
    for (const [shown, made] of learnt) text = text.replaceAll(shown, made);
    return JSON.parse(text) as T;
  };
  const played: Played[] = [];
  for (const example of examples) {
    const { operation, status, answer } = example;
    const [method = '', pattern = ''] = operation.split(' ');
    const { path = {}, query = {}, headers = {}, body } = real({ ...example, answer: undefined });
    const url = pattern.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? ''));
    const ask = () =>
      app.inject({
        method: method as 'GET',
        url,
        query,
        headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
        ...(body && { payload: body }),
      });
    let reply = await ask();
    // A read model on a busy machine: the test's own limit ends a wait in vain.
    while (status === 200 && reply.statusCode === 503 && reply.json().code === 'version-not-yet') reply = await ask();
    const isJson = /json/.test(String(reply.headers['content-type']));
    const got: unknown = isJson ? reply.json() : reply.body;
    learn(answer, got, learnt, (member) => isMoving(member, operation));
    const described = document.paths[pattern]?.[method.toLowerCase()]?.responses[reply.statusCode];
    const schema = Object.values(described?.content ?? {})[0]?.schema;
    const fits = ajv.compile({ ...schema, components: document.components });
    const undeclared = Object.keys(reply.headers).filter(
      (name) =>
        !unspoken.test(name) && !Object.keys(described?.headers ?? {}).some((header) => header.toLowerCase() === name),
    );
    const faults = [
      ...(reply.statusCode === status ? [] : [`answered ${reply.statusCode}, not ${status}`]),
      ...(described ? [] : [`the status ${reply.statusCode} is not described`]),
      ...undeclared.map((name) => `the header ${name} is not described`),
      ...(schema && !fits(got)
        ? (fits.errors ?? []).map(({ instancePath, message }) => `the answer${instancePath} ${message}`)
        : []),
      ...(example.problem === undefined || codeOf(got) === example.problem
        ? []
        : [`the problem is ${codeOf(got)}, not ${example.problem}`]),
      ...(answer !== undefined && schema && !fits(answer) ? ['the example itself does not fit'] : []),
      ...(answer !== undefined && isJson
        ? differences(real(answer), got, '', (name) => isMoving(name, operation))
        : []),
    ];
    played.push({ example, status: reply.statusCode, body: got, faults });
  }
  return played;
}

/** One sentence for each fault of what was played. */
export function faultsOf(played: readonly Played[]): string[] {
  return played.flatMap(({ example, faults }) =>
    faults.map((fault) => `${example.operation}, ${example.name}: ${fault}`),
  );
}

/** Every operation of the description, as an example names it. */
export function operationsOf(app: HttpApp): string[] {
  const { paths } = app.swagger() as unknown as Described;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
}

function learn(shown: unknown, got: unknown, learnt: Map<string, string>, moves: (member: string) => boolean): void {
  if (typeof shown !== 'object' || typeof got !== 'object' || shown === null || got === null) return;
  for (const [member, value] of Object.entries(shown)) {
    const made = (got as Record<string, unknown>)[member];
    if (typeof value === 'string' && typeof made === 'string' && moves(member) && value.length > 20)
      learnt.set(value, made);
    else learn(value, made, learnt, moves);
  }
}

const codeOf = (body: unknown) => String(Object(body).code);

function differences(shown: unknown, got: unknown, at: string, moves: (member: string) => boolean): string[] {
  const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
  if (!isObject(shown) || !isObject(got))
    return shown === got ? [] : [`the example shows ${JSON.stringify(shown)} at ${at}, it was ${JSON.stringify(got)}`];
  return [...new Set([...Object.keys(shown), ...Object.keys(got)])].flatMap((member) => {
    return moves(member) ? [] : differences(shown[member], got[member], `${at}/${member}`, moves);
  });
}
