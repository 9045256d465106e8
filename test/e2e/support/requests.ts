// Sends requests as a careful client does: when it is not known whether one was carried out, it is sent again with the same key.
// Bounded: a request that gets no answer for a minute is a failed test, and says so.
import { setTimeout as pause } from 'node:timers/promises';
import { rootReasonOf } from 'foldline/engine';

const patienceMs = 60_000;
/** Above the longest wait that is asked for with `Prefer`. */
const attemptMs = 40_000;

export interface AnswerBody {
  readonly [member: string]: unknown;
  readonly id: string;
  readonly version: number;
  readonly code: string;
  readonly currentVersion: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Empty when the answer had none. */
  readonly body: AnswerBody;
  readonly text: string;
  /** How often it was sent. */
  readonly attempts: number;
}

export interface Sending {
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Send again while the service answers 503. Default: as long as it has a key. */
  readonly insist?: boolean;
}

/** @throws Error naming the last fault when nothing was answered within a minute */
export async function send(method: string, url: string, body?: object, sending: Sending = {}): Promise<Answer> {
  const { key, insist = key !== undefined } = sending;
  const untilMs = performance.now() + patienceMs;
  const headers = {
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(key === undefined ? {} : { 'idempotency-key': key }),
    ...sending.headers,
  };
  for (let attempts = 1; ; attempts += 1) {
    const outcome = await sendOnce(method, url, headers, body).catch((error: unknown) => ({ error }));
    if (!('error' in outcome) && !(outcome.status === 503 && insist)) return { ...outcome, attempts };
    if (performance.now() > untilMs || (!insist && 'error' in outcome)) {
      const why = 'error' in outcome ? rootReasonOf(outcome.error) : `503 ${outcome.body.code}`;
      throw new Error(`${method} ${url} had no answer after ${attempts} attempts: ${why}`);
    }
    await pause(Math.min(50 * attempts, 500));
  }
}

export const get = (url: string, sending?: Sending): Promise<Answer> => send('GET', url, undefined, sending);

/** Reads one resource at `version` or later, for which the service waits by itself. @throws Error when it is not reached */
export async function readAt(url: string, version: number, waitSeconds = 15): Promise<Answer> {
  const answer = await get(`${url}?minVersion=${version}`, { headers: { prefer: `wait=${waitSeconds}` } });
  if (answer.status === 200) return answer;
  throw new Error(`${url} is not at version ${version} after ${waitSeconds} s: ${JSON.stringify(answer.body)}`);
}

async function sendOnce(method: string, url: string, headers: Record<string, string>, body: object | undefined) {
  const response = await fetch(url, {
    method,
    headers,
    signal: AbortSignal.timeout(attemptMs),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  return {
    status: response.status,
    headers: response.headers,
    body: (isJson ? JSON.parse(text) : {}) as AnswerBody,
    text,
  };
}
