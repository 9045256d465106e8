// Finds the one of many that an operator named, in whichever service it is: a service that does not answer keeps nobody from
// what another has.
import { block } from '../../terminal/index.ts';
import type { Context } from '../context.ts';
import { AdminFailure, isOfOneService } from '../failure.ts';
import type { ServiceClient } from '../service-client.ts';

export interface Named {
  readonly name: string;
}

type Found<T> = T & { readonly at: ServiceClient };

export interface Collected<T extends Named> {
  readonly found: readonly Found<T>[];
  /** Of services that were not reached, or refused. */
  readonly failures: readonly AdminFailure[];
  /** Of services that were reached, and do not offer what is asked for. */
  readonly lacking: readonly AdminFailure[];
}

/** Asks every service for what it has; failures are kept, to be told where they matter. */
export async function collected<T extends Named>(
  { services }: Pick<Context, 'services'>,
  ask: (at: ServiceClient) => Promise<readonly T[]>,
): Promise<Collected<T>> {
  const found: Found<T>[] = [];
  const failures: AdminFailure[] = [];
  const lacking: AdminFailure[] = [];
  for (const at of services()) {
    try {
      found.push(...(await ask(at)).map((one) => ({ ...one, at })));
    } catch (error) {
      if (!isOfOneService(error)) throw error;
      (error.code === 'not-offered' ? lacking : failures).push(error);
    }
  }
  return { found, failures, lacking };
}

/**
 * The one with this name, or with this `<service>/<name>`; undefined when it may be in a service that did not answer, which is told.
 *
 * @throws AdminFailure `not-found` naming those that there are, when all services were asked and none has it; `usage` when
 * several services have one of this name
 */
export function oneNamed<T extends Named>(
  kind: string,
  name: string,
  { found, failures, lacking }: Collected<T>,
  context: Context,
): Found<T> | undefined {
  const matches = found.filter((one) => one.name === name || fullName(one) === name);
  if (matches.length > 1) {
    const names = matches.map(fullName).join(' or ');
    throw new AdminFailure('usage', `${matches.length} services have a ${kind} ${name}. Name one of them: ${names}.`);
  }
  if (matches[0]) return matches[0];
  tell(failures, context);
  if (failures.length > 0) return undefined;
  const isAlone = (one: Found<T>) => found.every((other) => other === one || other.name !== one.name);
  const names = found.map((one) => (isAlone(one) ? one.name : fullName(one)));
  const there = names.length > 0 ? ` There are: ${names.join(', ')}.` : '';
  const others = lacking.map(({ message }) => ` ${message}`).join('');
  throw new AdminFailure('not-found', `There is no ${kind} ${name}.${there}${others}`);
}

const fullName = ({ at, name }: Found<Named>) => `${at.name}/${name}`;

export function tell(failures: readonly AdminFailure[], { stderr, colors }: Context): void {
  for (const { message } of failures) stderr(block(message).map(colors.red));
}

/** Tells what a list does not show: services that were not reached, and services that do not offer it. */
export function tellMissing(
  { failures, lacking }: Pick<Collected<Named>, 'failures' | 'lacking'>,
  context: Context,
): void {
  for (const { message } of lacking) context.stderr(block(message).map(context.colors.dim));
  tell(failures, context);
}
