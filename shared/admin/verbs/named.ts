// Finds the one of many that an operator named, in whichever service it is: a service that does not answer keeps nobody from
// what another has.
import { block } from '../../terminal/index.ts';
import type { Context } from '../context.ts';
import { AdminFailure, isOfOneService } from '../failure.ts';
import type { ServiceClient } from '../service-client.ts';

export interface Named {
  readonly name: string;
}

export interface Collected<T extends Named> {
  readonly found: readonly (T & { readonly at: ServiceClient })[];
  readonly failures: readonly AdminFailure[];
}

/** Asks every service for what it has; failures are kept, to be told where they matter. */
export async function collected<T extends Named>(
  { services }: Pick<Context, 'services'>,
  ask: (at: ServiceClient) => Promise<readonly T[]>,
): Promise<Collected<T>> {
  const found: (T & { at: ServiceClient })[] = [];
  const failures: AdminFailure[] = [];
  for (const at of services) {
    try {
      found.push(...(await ask(at)).map((one) => ({ ...one, at })));
    } catch (error) {
      if (!isOfOneService(error)) throw error;
      failures.push(error);
    }
  }
  return { found, failures };
}

/**
 * The one with this name; undefined when it may be in a service that did not answer, which is told.
 *
 * @throws AdminFailure `not-found` naming those that there are, when all services were asked and none has it
 */
export function oneNamed<T extends Named>(
  kind: string,
  name: string,
  { found, failures }: Collected<T>,
  context: Context,
): (T & { readonly at: ServiceClient }) | undefined {
  const one = found.find((candidate) => candidate.name === name);
  if (one) return one;
  tell(failures, context);
  if (failures.length > 0) return undefined;
  const names = found.map((candidate) => candidate.name).join(', ');
  throw new AdminFailure('not-found', `There is no ${kind} ${name}. There are: ${names}.`);
}

export function tell(failures: readonly AdminFailure[], { stderr, colors }: Context): void {
  for (const { message } of failures) stderr(block(message).map(colors.red));
}
