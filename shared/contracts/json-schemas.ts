// The contracts as JSON Schemas (draft 7, which AsyncAPI reads as it is), in the form in which they travel: a CloudEvent with
// its data, or a snapshot. What is not named is allowed: a consumer passes over what it does not know.
import { z } from 'zod';
import type { ContractTable, Kind } from './contract-table.ts';
import { extensionFields } from './extension-fields.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

const uuidForm = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

/** What the key of a record is, and the subject of an event. */
export function subjectSchema(kind: string) {
  return z
    .string()
    .regex(new RegExp(`^${kind}-${uuidForm}$`))
    .describe('The stream; also the key of the record')
    .meta({ examples: [`${kind}-0190f3c2-0000-7000-8000-00000000000a`] });
}

function envelope(type: string, data: z.ZodObject, { kind, source }: Kind) {
  return z
    .object({
      specversion: z.literal('1.0'),
      id: z
        .string()
        .regex(new RegExp(`^${uuidForm.replaceAll('a-f', 'a-fA-F')}$`))
        .describe('The identity of the event, end to end: any UUID')
        .meta({ examples: ['0190f3c2-6d5a-7b1e-9c4d-000000000001'] }),
      source: z
        .string()
        .min(1)
        .describe('Who said it')
        .meta({ examples: [source] }),
      type: z.literal(type),
      subject: subjectSchema(kind),
      version: z
        .int()
        .min(1)
        .describe('The place in the stream: 1, 2, 3 … without gaps')
        .meta({ examples: [1] }),
      time: z
        .string()
        .describe('When it happened; compare instants, not text')
        .meta({ format: 'date-time', examples: ['2026-01-15T08:30:01.25Z'] }),
      correlationid: z.string().optional().describe('The conversation that it belongs to'),
      causationid: z.string().optional().describe('What caused it'),
      ...extensionFields,
      data,
    })
    .meta({ title: type, description: data.description });
}

/** @param schema made of objects that leave out what they do not name */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { target: 'draft-7', io: 'input' });
}

/** Each contract that travels by its name: every event type, and every snapshot. */
export function wireSchemas(table: ContractTable): Readonly<Record<string, JsonSchema>> {
  const events = Object.values(table.events.topics)
    .flatMap(({ kinds }) => kinds)
    .flatMap((kind) =>
      Object.entries(kind.contracts).map(([type, { schema }]) => [type, jsonSchemaOf(envelope(type, schema, kind))]),
    );
  const snapshots = table.snapshots.topics.map(({ type, schema, summary }) => [
    type,
    jsonSchemaOf(schema.meta({ title: type, description: summary })),
  ]);
  return Object.fromEntries([...events, ...snapshots]);
}

const annotations = new Set(['$schema', '$id', 'title', 'description', 'examples']);

/** Without what only explains: the part of a schema that others rely on. */
export function withoutAnnotations(schema: JsonSchema): JsonSchema {
  const entries = Object.entries(schema).filter(([name]) => !annotations.has(name));
  return Object.fromEntries(
    entries.map(([name, value]) => {
      if (name === 'properties')
        return [name, Object.fromEntries(Object.entries(value as object).map(([key, one]) => [key, stripped(one)]))];
      return [name, stripped(value)];
    }),
  );
}

function stripped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(stripped);
  return typeof value === 'object' && value !== null ? withoutAnnotations(value as JsonSchema) : value;
}

/** A value that fits, made of the first example of each part. */
export function exampleOf(schema: JsonSchema): unknown {
  const { examples, const: constant, enum: values, type, properties, required, items } = schema;
  if (constant !== undefined) return constant;
  if (Array.isArray(values)) return values[0];
  if (Array.isArray(examples)) return examples[0];
  if (type === 'array') return [exampleOf(items as JsonSchema)];
  if (type !== 'object') return undefined;
  const needed = Object.entries(properties as Record<string, JsonSchema>).filter(([name]) =>
    ((required ?? []) as string[]).includes(name),
  );
  return Object.fromEntries(needed.map(([name, schema]) => [name, exampleOf(schema)]));
}
