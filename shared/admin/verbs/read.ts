// Reads what a service answered: what is expected here, or one sentence that says what to do.
import type { z } from 'zod';
import { AdminFailure } from '../failure.ts';
import type { ServiceClient } from '../service-client.ts';

/** @param about what was asked, for the sentence @throws AdminFailure `service-refused` when it is something else */
export function read<T extends z.ZodType>(
  schema: T,
  body: unknown,
  { name, url }: ServiceClient,
  about: string,
): z.output<T> {
  const reading = schema.safeParse(body);
  if (reading.success) return reading.data;
  throw new AdminFailure(
    'service-refused',
    `What ${name} at ${url} answers about ${about} is not known here: run the command line of the same version as the service.`,
  );
}
