// What every verb of the operator's command line is given, and how it ends.
import { block, json, type Terminal } from '../terminal/index.ts';
import type { AdminConfig } from './config.ts';
import { type AdminFailure, isAdminFailure, isOfOneService } from './failure.ts';
import type { ServiceClient } from './service-client.ts';

/** As the connect command line has them. */
export const exitCodes = { ok: 0, error: 1, usage: 2, stillHeld: 4, different: 4 } as const;

export type Format = 'text' | 'json';

/** What a run of the command line has around it; tests pass their own. */
export interface Surroundings extends Omit<Terminal, 'rewrite' | 'stdin' | 'signal'> {
  readonly rewrite?: Terminal['rewrite'];
  readonly signal?: AbortSignal | undefined;
}

/** Surroundings, settings and services of one verb. */
export interface Context extends Surroundings {
  readonly config: AdminConfig;
  readonly format: Format;
  /**
   * Those that the verb is for. Asked for by a verb that needs services: another one works where none is known.
   *
   * @throws AdminFailure `usage`, `file-unreadable`, `config-invalid` when it is not known where they listen
   */
  services(): readonly ServiceClient[];
}

export interface Answered<T> {
  readonly answers: readonly { readonly service: ServiceClient; readonly answer: T }[];
  /** Of the services that were not reached, or refused. */
  readonly failures: readonly AdminFailure[];
}

/**
 * Asks every service; one that cannot be asked keeps nobody from seeing what the others say. It is told on stderr, as is a service
 * that does not offer what is asked for, which is no failure.
 */
export async function askAll<T>(context: Context, ask: (service: ServiceClient) => Promise<T>): Promise<Answered<T>> {
  const answers: { service: ServiceClient; answer: T }[] = [];
  const failures: AdminFailure[] = [];
  for (const service of context.services()) {
    try {
      answers.push({ service, answer: await ask(service) });
    } catch (error) {
      if (!isOfOneService(error)) throw error;
      const isLacking = isAdminFailure(error, 'not-offered');
      if (!isLacking) failures.push(error);
      context.stderr(block(error.message).map(isLacking ? context.colors.dim : context.colors.red));
    }
  }
  return { answers, failures };
}

export { json };
