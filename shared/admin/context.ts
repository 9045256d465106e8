// What every verb of the operator's command line is given, and how it ends.
import { block, exitCodes, json, type Terminal } from '../terminal/index.ts';
import type { AdminConfig } from './config.ts';
import { type AdminFailure, isOfOneService } from './failure.ts';
import { type ServiceClient, type ServiceName, serviceClient, serviceNames } from './service-client.ts';

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
  /** Those that the verb is for: one, or all. */
  readonly services: readonly ServiceClient[];
}

export function servicesFor(
  chosen: ServiceName | undefined,
  config: AdminConfig,
  signal: AbortSignal | undefined,
): readonly ServiceClient[] {
  return (chosen ? [chosen] : serviceNames).map((name) => serviceClient(name, config, signal));
}

export interface Answered<T> {
  readonly answers: readonly { readonly service: ServiceClient; readonly answer: T }[];
  readonly failures: readonly AdminFailure[];
}

/** Asks every service; one that cannot be asked keeps nobody from seeing what the others say. It is told on stderr. */
export async function askAll<T>(context: Context, ask: (service: ServiceClient) => Promise<T>): Promise<Answered<T>> {
  const answers: { service: ServiceClient; answer: T }[] = [];
  const failures: AdminFailure[] = [];
  for (const service of context.services) {
    try {
      answers.push({ service, answer: await ask(service) });
    } catch (error) {
      if (!isOfOneService(error)) throw error;
      failures.push(error);
      context.stderr(block(error.message).map(context.colors.red));
    }
  }
  return { answers, failures };
}

export { exitCodes, json };
