// Where a team's documents have what a user is made of: the paths that `--map` names, and what stands there.
import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const path = z
  .string()
  .max(200)
  .regex(/^[^\s.$][^\s.]*(\.[^\s.]+)*$/, 'must be the path of a field, with dots: for example "profile.firstName"');

const fieldMap = z
  .strictObject({
    id: path.default('_id'),
    name: path.optional(),
    firstName: path.optional(),
    lastName: path.optional(),
    email: path.optional(),
    createdAt: path.optional(),
  })
  .refine(({ name, firstName, lastName }) => !name || (!firstName && !lastName), {
    error: 'is split into first and last name: leave it out, or the two others',
    path: ['name'],
  })
  .refine(({ name, firstName, lastName, email }) => name ?? firstName ?? lastName ?? email, {
    error: 'it names none of name, firstName, lastName and email, so that nothing would be known of anybody',
  });

export type FieldMap = z.output<typeof fieldMap>;

/** @param given JSON, or the path of a file that holds it @returns the map, or every fault of it in one sentence */
export async function readFieldMap(given: string): Promise<FieldMap | { readonly fault: string }> {
  const refused = (what: string) => ({ fault: `--map is no map of fields: ${what}.` });
  let json: unknown;
  try {
    json = JSON.parse(given.trimStart().startsWith('{') ? given : await readFile(given, 'utf8'));
  } catch (error) {
    const example = `'{"firstName":"first","lastName":"last","email":"mail"}'`;
    return refused(`${(error as Error).message}; give JSON such as ${example}, or a file that holds it`);
  }
  const { data, error } = fieldMap.safeParse(json);
  if (data) return data;
  return refused(
    error.issues
      .map((issue) => `${issue.path.join('.')}${issue.path.length > 0 ? ': ' : ''}${issue.message}`)
      .join('; '),
  );
}

/** What is read of a document, and where. */
export function pathsOf(map: FieldMap): [field: keyof FieldMap, path: string][] {
  return (Object.entries(map) as [keyof FieldMap, string | undefined][]).flatMap(([field, path]) =>
    path === undefined ? [] : [[field, path]],
  );
}

/** What stands at a path, undefined where there is nothing; or why nobody can say, because something else stands on the way. */
export type Found = { readonly value: unknown } | { readonly astray: string };

/**
 * Follows a path; a number in it is a place in a list. What is missing, null or empty is nothing, wherever the path meets it. Anything
 * else that the path does not lead through is told, and never taken for nothing: MongoDB looks into each member of a list there.
 */
export function valueAt(document: object, path: string): Found {
  const parts = path.split('.');
  let value: unknown = document;
  for (const [i, part] of parts.entries()) {
    if (isNothing(value)) return { value: undefined };
    const [before, rest] = [parts.slice(0, i).join('.') || 'the document', parts.slice(i).join('.')];
    if (Array.isArray(value)) {
      if (!isPlace(part))
        return { astray: `${before} is a list: say which one of it, for example ${before}.0.${rest}` };
    } else if (!isPlainObject(value)) return { astray: `${before} is no object, so that it has no ${rest}` };
    else if (isPlace(part) && !Object.hasOwn(value, part))
      return { astray: `${before} is no list, so that it has no ${rest}` };
    value = Object.hasOwn(value as object, part) ? (value as Record<string, unknown>)[part] : undefined;
  }
  return { value: value ?? undefined };
}

const isPlace = (part: string) => /^(0|[1-9]\d*)$/.test(part);

function isNothing(value: unknown): boolean {
  if (typeof value === 'string') return value.trim() === '';
  if (Array.isArray(value)) return value.length === 0;
  return value === undefined || value === null || (isPlainObject(value) && Object.keys(value).length === 0);
}

/** A date, an ObjectId or a reference is a value: its insides are the driver's, and have other names in the store. */
function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
