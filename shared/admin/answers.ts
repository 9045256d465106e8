// How the command line reads an answer that a route declares strictly: of another version of the service, the answer may hold
// further keys and further words. What a command shows must be there; what may be null may also be missing.
// Any other answer is told in one sentence that says what to do.
import { z } from 'zod';
import { AdminFailure } from './failure.ts';
import type { ServiceClient } from './service-client.ts';

/** A declared answer as JSON carries it: an instant is a text, and a word may be one that is not known here. */
type Wire<T> = T extends string
  ? string
  : T extends readonly (infer Item)[]
    ? Wire<Item>[]
    : T extends object
      ? { [K in keyof T]: Wire<T[K]> }
      : T;

/** The body of an answer, as a command reads it. */
export type BodyOf<Declared extends z.ZodType> = Wire<z.input<Declared>>;

/** Derives the reading from the declaration. @throws TypeError for a kind of schema that no answer has yet */
export function lenient<Declared extends z.ZodType>(declared: Declared): z.ZodType<BodyOf<Declared>> {
  return derived(declared) as z.ZodType<BodyOf<Declared>>;
}

function derived(declared: z.core.$ZodType): z.ZodType {
  if (declared instanceof z.ZodObject)
    return z.looseObject(Object.fromEntries(Object.entries(declared.shape).map(([key, of]) => [key, derived(of)])));
  if (declared instanceof z.ZodArray) return z.array(derived(declared.element));
  if (declared instanceof z.ZodRecord) return z.record(z.string(), derived(declared.valueType));
  if (declared instanceof z.ZodNullable) return derived(declared.unwrap()).nullable().default(null);
  if (declared instanceof z.ZodCodec) return derived(declared.in);
  if (declared instanceof z.ZodString || declared instanceof z.ZodEnum || declared instanceof z.ZodStringFormat)
    return z.string();
  if (declared instanceof z.ZodNumber || declared instanceof z.ZodBoolean) return declared;
  throw new TypeError(`An answer holds ${declared._zod.def.type}, which answers.ts cannot derive: add it there.`);
}

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
