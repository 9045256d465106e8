// One question to user-service, the owner of users: bounded in time, with this service's token, and every way in which it can go wrong
// told as one sentence with the way out.
import { Failure, networkReasonOf } from '../engine/index.ts';

export interface UserServiceOptions {
  readonly url: string;
  /** Empty where user-service asks for none. */
  readonly token: string;
  /** For one request. */
  readonly timeoutMs: number;
}

export interface UserServiceClient {
  /** @throws Failure `overloaded` when it does not answer, or refuses this service */
  ask(path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Response>;
  /**
   * The answer as JSON; undefined where it is none.
   *
   * @param fault makes what is thrown when the answer does not come to its end, in time or at all
   */
  bodyOf(response: Response, fault?: (what: string) => Failure): Promise<unknown>;
  /** @param what goes on after "user-service at …, the owner of users," */
  unanswered(what: string, cause?: unknown): Failure;
}

export function userServiceClient({ url, token, timeoutMs }: UserServiceOptions): UserServiceClient {
  const { origin } = new URL(url);
  const unanswered = (what: string, cause?: unknown) =>
    new Failure('overloaded', `user-service at ${origin}, the owner of users, ${what}.`, { cause });
  return {
    unanswered,
    async bodyOf(response, fault = unanswered) {
      const text = await response.text().catch((cause: unknown) => {
        throw fault(isLate(cause) ? 'did not answer in time' : `broke off its answer (${reasonOf(cause)})`);
      });
      try {
        return JSON.parse(text);
      } catch {
        return undefined;
      }
    },
    async ask(path, query, signal) {
      const target = new URL(path, url);
      target.search = new URLSearchParams(query).toString();
      const response = await fetch(target, {
        headers: token ? { authorization: `Bearer ${token}` } : {},
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      }).catch((cause: unknown) => {
        throw unanswered(`does not answer (${reasonOf(cause)}); start it, or correct USER_SERVICE_URL`, cause);
      });
      if (response.status === 401)
        throw unanswered('refuses this service (401); set USER_SERVICE_TOKEN to a token that it knows');
      if (response.status === 403)
        throw unanswered(
          'refuses this service (403); set USER_SERVICE_TOKEN to a token that API_TOKENS of user-service declares with :verification',
        );
      return response;
    },
  };
}

function reasonOf(error: unknown): string {
  return isLate(error) ? 'no answer in time' : networkReasonOf(error);
}

function isLate(error: unknown): boolean {
  return Object(error).name === 'TimeoutError';
}
