// Examples in the API description. They are steps of one story, in order, so that a test can play them against a real service:
// what an earlier step made is there for a later one.
import type { FailureCode } from '../engine/index.ts';

export interface ApiExample {
  /** Method and path as the description has it: `GET /things/{id}`. */
  readonly operation: string;
  /** Says what the example shows; unique in its operation. */
  readonly name: string;
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly status: number;
  /** Of an answer that is a problem. */
  readonly problem?: FailureCode;
  /** Left out where nothing is answered, or a whole document. */
  readonly answer?: object | string;
}

interface Parameter {
  readonly in: string;
  readonly name: string;
  examples?: Record<string, object>;
}

interface Media {
  examples?: Record<string, object>;
}

type Content = Record<string, Media>;

interface Operation {
  readonly parameters?: Parameter[];
  readonly requestBody?: { content: Content };
  readonly responses: Record<string, { content?: Content }>;
}

export interface ApiDocument {
  readonly paths?: Record<string, Record<string, unknown>>;
}

/** Writes the examples into the document. @throws Error naming an example that the document has no place for */
export function addExamples(document: ApiDocument, examples: readonly ApiExample[]): void {
  for (const example of examples) {
    const [method = '', path = ''] = example.operation.split(' ');
    const operation = document.paths?.[path]?.[method.toLowerCase()] as Operation | undefined;
    const lacks = (what: string) => new Error(`${example.operation}, “${example.name}”: the document has no ${what}.`);
    if (!operation) throw lacks('such operation');
    const places = { path: example.path, query: example.query, header: example.headers };
    for (const [place, values] of Object.entries(places)) {
      for (const [name, value] of Object.entries(values ?? {})) {
        const parameter = operation.parameters?.find((one) => one.in === place && one.name === name);
        if (!parameter) throw lacks(`${place} ${name}`);
        add(parameter, example.name, typedAs(value, (parameter as { schema?: { type?: string } }).schema?.type));
      }
    }
    if (example.body !== undefined) add(mediaOf(operation.requestBody?.content), example.name, example.body);
    const answer = operation.responses[example.status];
    if (!answer) throw lacks(`answer ${example.status}`);
    if (example.answer !== undefined) add(mediaOf(answer.content), example.name, example.answer);
  }

  function mediaOf(content: Content | undefined): Media {
    const media = Object.values(content ?? {})[0];
    if (!media) throw new Error('An example has a body where the document has none.');
    return media;
  }
}

/** In a path or a query everything is text; the document shows the value that it stands for. */
function typedAs(text: string, type: string | undefined): unknown {
  return type === 'integer' || type === 'boolean' ? JSON.parse(text) : text;
}

function add(place: Media, name: string, value: unknown): void {
  place.examples = { ...place.examples, [name]: { value } };
}
