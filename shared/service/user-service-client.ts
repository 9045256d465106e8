// One question to user-service, the owner of users: bounded in time, with this service's token, and every way in which it can go wrong
// told as one sentence with the way out.
import { Failure } from '../engine/index.ts';

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
  /** @param what goes on after "user-service at …, the owner of users," */
  unanswered(what: string, cause?: unknown): Failure;
}

export function userServiceClient({ url, token, timeoutMs }: UserServiceOptions): UserServiceClient {
  const { origin } = new URL(url);
  const unanswered = (what: string, cause?: unknown) =>
    new Failure('overloaded', `user-service at ${origin}, the owner of users, ${what}.`, { cause });
  return {
    unanswered,
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
        throw unanswered("refuses this service (403); set USER_SERVICE_TOKEN to an administrator's token");
      return response;
    },
  };
}

/** The fault of `fetch` names its cause only there. */
function reasonOf(error: unknown): string {
  const { cause, message, name } = Object(error) as { cause?: unknown; message?: string; name?: string };
  if (name === 'TimeoutError') return 'no answer in time';
  const { code, message: inner } = Object(cause) as { code?: string; message?: string };
  return code ?? inner ?? message ?? String(error);
}
