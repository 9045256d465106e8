// Where a team's documents have what a user is made of: the paths that `--map` names, and what stands there.
import { readFile } from 'node:fs/promises';
import { AdminFailure } from '@foldline/shared/admin';
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

/**
 * @param given JSON, or the path of a file that holds it
 * @throws AdminFailure `config-invalid`, naming every fault
 */
export async function readFieldMap(given: string): Promise<FieldMap> {
  const refused = (what: string, cause?: unknown) =>
    new AdminFailure('config-invalid', `--map is no map of fields: ${what}.`, { cause });
  let json: unknown;
  try {
    json = JSON.parse(given.trimStart().startsWith('{') ? given : await readFile(given, 'utf8'));
  } catch (cause) {
    const example = `'{"firstName":"first","lastName":"last","email":"mail"}'`;
    throw refused(`${(cause as Error).message}; give JSON such as ${example}, or a file that holds it`, cause);
  }
  const { data, error } = fieldMap.safeParse(json);
  if (data) return data;
  throw refused(
    error.issues
      .map((issue) => `${issue.path.join('.')}${issue.path.length > 0 ? ': ' : ''}${issue.message}`)
      .join('; '),
  );
}

/** The fields of a document that are read. */
export function pathsOf(map: FieldMap): string[] {
  return Object.values(map).filter((one) => one !== undefined);
}

/** What stands at a path; a number in it is a place in a list. Undefined where there is nothing, or null. */
export function valueAt(document: object, path: string): unknown {
  let value: unknown = document;
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value ?? undefined;
}
