// What is written about the contracts: the documents for others, made from the registry, and the published schemas, which lie by
// release and are only added to.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { contractDocuments } from '@foldline/contracts';
import { type JsonSchema, withoutAnnotations } from 'foldline/contracts';

export const publishedFolder = 'contracts/published';

export const jsonText = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

/** The text of every generated page by its path. */
export function contractPages(): Map<string, string> {
  return new Map([
    ['docs/asyncapi.json', jsonText(contractDocuments.asyncApi)],
    ...Object.entries(contractDocuments.schemas).map(
      ([type, schema]) => [`docs/schemas/${type}.json`, jsonText(schema)] as const,
    ),
  ]);
}

export interface PublishedSchema {
  readonly type: string;
  readonly release: string;
  readonly path: string;
  readonly schema: JsonSchema;
}

/** Every schema that was ever published, the oldest release first. @param root of the repository */
export function publishedSchemas(root: string): PublishedSchema[] {
  const folder = join(root, publishedFolder);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort(byRelease)
    .flatMap((release) =>
      readdirSync(join(folder, release))
        .filter((name) => name.endsWith('.json'))
        .map((name) => {
          const path = `${publishedFolder}/${release}/${name}`;
          const schema = JSON.parse(readFileSync(join(root, path), 'utf8')) as JsonSchema;
          return { type: name.slice(0, -'.json'.length), release, path, schema };
        }),
    );
}

/** What others rely on now, by type. */
export function promisedSchemas(): Map<string, JsonSchema> {
  return new Map(Object.entries(contractDocuments.schemas).map(([type, schema]) => [type, withoutAnnotations(schema)]));
}

/** `0.9.0` before `0.10.0`. */
export function byRelease(a: string, b: string): number {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)];
  const at = left.findIndex((part, index) => part !== right[index]);
  return at < 0 ? 0 : (left[at] ?? 0) - (right[at] ?? 0);
}
