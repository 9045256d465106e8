// What every verb of the operator's command line is given, and how it ends.
import { block, exitCodes, type Format, json, print, type Terminal } from '../terminal/index.ts';
import type { AdminConfig } from './config.ts';
import { type AdminFailure, isOfOneService } from './failure.ts';
import type { ServiceClient } from './service-client.ts';

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

/** What came of asking every service. */
export interface Reached<T> {
  readonly answers: readonly { readonly service: ServiceClient; readonly answer: T }[];
  /** Of services that were not reached, or refused. */
  readonly failures: readonly AdminFailure[];
  /** Of services that were reached, and do not offer what is asked for: no failure of the command. */
  readonly lacking: readonly AdminFailure[];
}

/** Asks every service; one that cannot be asked keeps nobody from seeing what the others say. */
export async function reachAll<T>(
  { services }: Pick<Context, 'services'>,
  ask: (service: ServiceClient) => Promise<T>,
): Promise<Reached<T>> {
  const answers: { service: ServiceClient; answer: T }[] = [];
  const failures: AdminFailure[] = [];
  const lacking: AdminFailure[] = [];
  for (const service of services()) {
    try {
      answers.push({ service, answer: await ask(service) });
    } catch (error) {
      if (!isOfOneService(error)) throw error;
      (error.code === 'not-offered' ? lacking : failures).push(error);
    }
  }
  return { answers, failures, lacking };
}

/** The same, and tells on stderr what no answer shows. */
export async function askAll<T>(context: Context, ask: (service: ServiceClient) => Promise<T>): Promise<Reached<T>> {
  const reached = await reachAll(context, ask);
  tellMissing(reached, context);
  return reached;
}

/** Tells which services do not offer what was asked for, and which were not reached. */
export function tellMissing(
  { failures, lacking }: Pick<Reached<unknown>, 'failures' | 'lacking'>,
  { stderr, colors }: Pick<Context, 'stderr' | 'colors'>,
): void {
  for (const { message } of lacking) stderr(block(message).map(colors.dim));
  for (const { message } of failures) stderr(block(message).map(colors.red));
}

/** The exit code of a verb that showed what the services answered. */
export const codeOf = ({ failures }: Pick<Reached<unknown>, 'failures'>): number =>
  failures.length > 0 ? exitCodes.error : exitCodes.ok;

/** What one service has, named after the service. */
export type OfService<T> = T & { readonly service: string };

export const ofService = <T extends object>({ name }: ServiceClient, body: T): OfService<T> => ({
  service: name,
  ...body,
});

/** The names of the services that answered with an empty list. */
export const withoutAny = <T>({ answers }: Pick<Reached<T>, 'answers'>, listIn: (answer: T) => readonly unknown[]) =>
  answers.filter(({ answer }) => listIn(answer).length === 0).map(({ service }) => service.name);

export { exitCodes, type Format, json, print };
