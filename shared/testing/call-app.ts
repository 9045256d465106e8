// Calls a service's routes as a caller would, without a socket, and shows what came back in one small shape.
import type { HttpApp } from '../http/index.ts';

/** The members that tests look at, whichever resource or problem it is. */
export interface AnswerBody {
  readonly [member: string]: unknown;
  readonly id: string;
  readonly version: number;
  readonly state: string;
  readonly code: string;
  readonly currentVersion: number;
  readonly items: readonly AnswerBody[];
  readonly nextCursor: string | null;
  readonly errors: readonly { readonly pointer: string; readonly detail: string }[];
}

export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, unknown>>;
  /** Empty when the answer had no JSON. */
  readonly body: AnswerBody;
}

/** @param route method and path, as `GET /users/1`; @param body an object is sent as JSON, a string as it is, with that type */
export type Call = (
  route: string,
  body?: object | string | null,
  headers?: Readonly<Record<string, string>>,
) => Promise<Answer>;

export function callerOf(app: Pick<HttpApp, 'inject'>): Call {
  return async (route, body, headers = {}) => {
    const [method = '', url = ''] = route.split(/ (.*)/s);
    const payload = body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) };
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await app.inject({ method: method as 'GET', url, headers: { ...type, ...headers }, ...payload });
    const isJson = /json/.test(String(answer.headers['content-type']));
    return { status: answer.statusCode, headers: answer.headers, body: isJson ? answer.json() : ({} as AnswerBody) };
  };
}

/** Every item of a list, page by page; at most `pagesMax` pages, so that a cursor that never ends fails the test. */
export async function readAllPages(call: Call, route: string, pagesMax = 50): Promise<AnswerBody[][]> {
  const pages: AnswerBody[][] = [];
  let next: string | undefined = route;
  while (next !== undefined) {
    if (pages.length >= pagesMax) throw new Error(`${route} has more than ${pagesMax} pages.`);
    const { status, headers, body }: Answer = await call(next);
    if (status !== 200) throw new Error(`${next} answered ${status} ${body.code}.`);
    pages.push([...body.items]);
    const link: string | undefined = /^<([^>]+)>; rel="next"$/.exec(String(headers.link ?? ''))?.[1];
    if ((body.nextCursor === null) !== (link === undefined)) throw new Error(`${next}: nextCursor and Link disagree.`);
    next = link === undefined ? undefined : `GET ${link}`;
  }
  return pages;
}
