// One service as an operator asks it: over HTTP, with a token where there is one, and bounded in time.
import { networkReasonOf } from '../engine/index.ts';
import type { AdminConfig } from './config.ts';
import { AdminFailure } from './failure.ts';
import type { Address } from './known-services.ts';

export interface ServiceClient {
  readonly name: string;
  readonly url: string;
  /**
   * The body of the answer; undefined for 404.
   * @throws AdminFailure `service-unreachable`, `service-refused`, `stopped`
   */
  ask(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<unknown>;
}

export function serviceClient(
  { name, url, token, tokenVariable, correction }: Address,
  { ADMIN_TIMEOUT_MS: timeoutMs }: AdminConfig,
  signal: AbortSignal | undefined,
): ServiceClient {
  async function answerTo(method: string, path: string, body?: object): Promise<{ status: number; text: string }> {
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: {
          ...(token && { authorization: `Bearer ${token}` }),
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
        signal: signal ? AbortSignal.any([timeout, signal]) : timeout,
      });
      return { status: response.status, text: await response.text() };
    } catch (cause) {
      if (signal?.aborted) {
        const rest = method === 'GET' ? '' : ', which may still carry the request out';
        const message = `Stopped before the answer of ${name}${rest}. The same command asks again.`;
        throw new AdminFailure('stopped', message, { cause });
      }
      const why = timeout.aborted ? `no answer came within ${timeoutMs} ms` : networkReasonOf(cause);
      throw new AdminFailure(
        'service-unreachable',
        `${name} does not answer at ${url} (${why}). Start it, or ${correction}.`,
        { cause },
      );
    }
  }

  return {
    name,
    url,
    async ask(method, path, sent) {
      const { status, text } = await answerTo(method, path, sent);
      const body = parsed(text);
      const { code, detail } = Object(body) as { code?: unknown; detail?: unknown };
      if (status < 300 && (text === '' || body !== undefined)) return body;
      if (status === 404 && code === 'not-found') return undefined;
      if (status === 401 || status === 403)
        throw new AdminFailure(
          'service-refused',
          `${name} at ${url} refuses with ${status}: ${String(detail)} Set ${tokenVariable} to an administrator's token.`,
        );
      if (typeof detail === 'string' && typeof code === 'string')
        throw new AdminFailure('service-refused', `${name} answers ${status} ${code}: ${detail}`);
      throw new AdminFailure(
        'service-refused',
        `What answers ${status} at ${url} is not ${name}, or not a service of Foldline: ${method} ${path} gave no answer of one. Start it there, or ${correction}.`,
      );
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
