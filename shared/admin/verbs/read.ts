// Reads what a service answered, by the declaration of its route: what a command shows, or one sentence that says what to do.
import type { z } from 'zod';
import { AdminFailure } from '../failure.ts';
import { type BodyOf, lenient } from '../lenient.ts';
import type { ServiceClient } from '../service-client.ts';

/** @param declared as the route declares its answer @param about what was asked, for the sentence @throws AdminFailure `service-refused` when it is something else */
export function read<T extends z.ZodType>(
  declared: T,
  body: unknown,
  service: ServiceClient,
  about: string,
): BodyOf<T> {
  const reading = lenient(declared).safeParse(body);
  if (reading.success) return reading.data;
  throw notKnown(service, about);
}

/** Reads a list that a service has when it offers the operation at all. @throws AdminFailure `not-offered`, and as `read` does */
export async function readList<T extends z.ZodType>(
  declared: T,
  path: string,
  service: ServiceClient,
  about: string,
  method: 'GET' | 'POST' = 'GET',
): Promise<BodyOf<T>> {
  const body = await service.ask(method, path);
  if (body !== undefined) return read(declared, body, service, about);
  throw new AdminFailure(
    'not-offered',
    `${service.name} at ${service.url} offers no ${about}: the service is older, or of another kind.`,
  );
}

/** The fault of an answer that another version of the service gives. */
export function notKnown({ name, url }: ServiceClient, about: string): AdminFailure {
  return new AdminFailure(
    'service-refused',
    `The answer of ${name} at ${url} about ${about} has another form: run the command line of the same version as the service.`,
  );
}
