// Which fields of a contract are personal: names, addresses, whatever tells who somebody is. A mark on the schema says so, and the
// documents for others show the mark. Nothing is erased or encrypted by it yet.
import { z } from 'zod';

type JsonSchema = Readonly<Record<string, unknown>>;

/** The keyword of a marked field in the JSON Schemas of the contracts. */
export const personalMark = 'x-personal';

/** The same schema with the mark. A marked object, list or map is personal with all that it holds. */
export function personal<S extends z.ZodType>(schema: S): S {
  return schema.meta({ [personalMark]: true });
}

/**
 * The personal fields of a contract, as JSON pointers (RFC 6901) into its data; `*` stands for each member of a list or of a map.
 * Of a type with several versions each version has a contract, and marks, of its own: what is stored keeps its version.
 *
 * @throws Error for a schema that contains itself, or a field that is called `*`: its fields cannot be listed
 */
export function personalFieldsOf({ schema }: { readonly schema: z.ZodType }): string[] {
  const options = { target: 'draft-7', io: 'input', unrepresentable: 'any', cycles: 'throw' } as const;
  return personalPathsIn(z.toJSONSchema(schema, options)).map(pointerOf);
}

export function pointerOf(path: readonly string[]): string {
  return path.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The paths of all marks in a JSON Schema of draft 7, each once. */
export function personalPathsIn(root: JsonSchema): string[][] {
  const paths = new Map<string, string[]>();
  const visit = (schema: unknown, path: string[]): void => {
    if (!isObject(schema)) return;
    if (schema[personalMark] === true) {
      paths.set(pointerOf(path), path);
      return;
    }
    for (const [name, member] of Object.entries(Object(schema.properties))) {
      if (name === '*')
        throw new Error('A field that is called * cannot be told from each member of a list: rename it.');
      visit(member, [...path, name]);
    }
    for (const keyword of ['items', 'additionalItems', 'additionalProperties'])
      for (const member of [schema[keyword]].flat()) visit(member, [...path, '*']);
    for (const keyword of ['anyOf', 'oneOf', 'allOf'])
      for (const member of [schema[keyword]].flat()) visit(member, path);
    if (typeof schema.$ref === 'string') visit(referred(root, schema.$ref), path);
  };
  visit(root, []);
  return [...paths.values()];
}

/** A schema with an `id` stands among the definitions. */
function referred(root: JsonSchema, reference: string): unknown {
  const name = /^#\/definitions\/(.+)$/.exec(reference)?.[1];
  return name === undefined ? undefined : (root.definitions as JsonSchema | undefined)?.[name];
}

/** The same schema without any mark. */
export function withoutMarks(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema, (name, value) => (name === personalMark ? undefined : value)));
}

const isObject = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null;
