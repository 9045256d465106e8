// Finds the model or the projection that an operator named, in whichever service has it. A service that does not answer hides nothing that
// another service has.
import { type Context, type Reached, reachAll, tellMissing, withoutAny } from '../context.ts';
import { AdminFailure } from '../failure.ts';
import type { ServiceClient } from '../service-client.ts';

export interface Named {
  readonly name: string;
}

type Found<T> = T & { readonly at: ServiceClient };

interface Collected<T extends Named> extends Pick<Reached<T>, 'failures' | 'lacking'> {
  readonly found: readonly Found<T>[];
  /** The services that were reached and have none. */
  readonly without: readonly string[];
}

/** Asks every service for what it has; failures are kept, to be told where they matter. */
export async function collected<T extends Named>(
  context: Pick<Context, 'services'>,
  ask: (at: ServiceClient) => Promise<readonly T[]>,
): Promise<Collected<T>> {
  const reached = await reachAll(context, ask);
  const found = reached.answers.flatMap(({ service: at, answer }) => answer.map((one) => ({ ...one, at })));
  return { ...reached, found, without: withoutAny(reached, (answer) => answer) };
}

/**
 * The one with this name, or with this `<service>/<name>`; undefined when it may be in a service that did not answer, which is told.
 *
 * @throws AdminFailure `not-found` naming the known ones, when all services were asked and none has it; `usage` when
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
  tellMissing({ failures, lacking: [] }, context);
  if (failures.length > 0) return undefined;
  const isAlone = (one: Found<T>) => found.every((other) => other === one || other.name !== one.name);
  const names = found.map((one) => (isAlone(one) ? one.name : fullName(one)));
  const there = names.length > 0 ? ` There are: ${names.join(', ')}.` : '';
  const others = lacking.map(({ message }) => ` ${message}`).join('');
  throw new AdminFailure('not-found', `There is no ${kind} ${name}.${there}${others}`);
}

const fullName = ({ at, name }: Found<Named>) => `${at.name}/${name}`;
