// Questions to another service, the owner of events: each bounded in time, with this service's token, and every way in which it can go
// wrong told as one sentence with the way out.
import { Failure, networkReasonOf } from '../../engine/index.ts';

export interface OwnerAddress {
  /** The name of the owner, for example `user-service`. */
  readonly service: string;
  /** The word for several of its subjects, for example `users`. */
  readonly plural: string;
  /** The beginning of the settings that say where it is, for example `USER_SERVICE`. */
  readonly settings: string;
  readonly url: string;
  /** Empty where the owner asks for none. */
  readonly token: string;
  /** For one request. */
  readonly timeoutMs: number;
}

export interface OwnerClient {
  /** @throws Failure `overloaded` when the owner does not answer, or refuses this service */
  ask(path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Response>;
  /**
   * The answer as JSON; undefined where it is none.
   *
   * @param fault makes what is thrown when the answer does not come to its end, in time or at all
   */
  bodyOf(response: Response, fault?: (what: string) => Failure): Promise<unknown>;
  /** @param what goes on after "user-service at …, the owner of users," */
  unanswered(what: string, cause?: unknown): Failure;
  /** Of an answer without the wanted form: an owner of an earlier release, or one in trouble. */
  unexpected(response: Response, asked: string): Failure;
}

export function ownerClient({ service, plural, settings, url, token, timeoutMs }: OwnerAddress): OwnerClient {
  const { origin } = new URL(url);
  const unanswered = (what: string, cause?: unknown) =>
    new Failure('overloaded', `${service} at ${origin}, the owner of ${plural}, ${what}.`, { cause });
  return {
    unanswered,
    unexpected({ status }, asked) {
      const isOlder = status === 404 || status === 200;
      const wayOut = isOlder ? 'run the version of this service there too' : 'look into its log';
      return unanswered(`answers ${status} when asked ${asked}; ${wayOut}`);
    },
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
        throw unanswered(`does not answer (${reasonOf(cause)}); start it, or correct ${settings}_URL`, cause);
      });
      if (response.status === 401)
        throw unanswered(`refuses this service (401); set ${settings}_TOKEN to a token that it knows`);
      if (response.status === 403)
        throw unanswered(
          `refuses this service (403); set ${settings}_TOKEN to a token that API_TOKENS of ${service} declares with :verification`,
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
