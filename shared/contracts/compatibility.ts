// Whether a contract still is what others were promised. Both directions count: what is stored must still read, and an older
// consumer must still read what is written now. So a field may be added, if it may be absent, and nothing else may change. A mark of
// a personal field may be added too.
import type { JsonSchema } from './json-schemas.ts';
import { personalPathsIn, withoutMarks } from './personal.ts';

const lowerBounds = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'] as const;
const upperBounds = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'] as const;
const walked = new Set<string>(['properties', 'required', 'items', 'enum', ...lowerBounds, ...upperBounds]);

const narrowed = 'values are stored that do not read any more';
const widened = 'older consumers do not read what is new';

/**
 * What breaks the promise, one sentence each, beginning with the type and the field: `thingCreated_v2.data.title: …`.
 *
 * @param now undefined when there is no such contract any more
 */
export function breaksOf(name: string, published: JsonSchema, now: JsonSchema | undefined): string[] {
  if (now === undefined) return [`${name}: was removed; events of it are stored`];
  const breaks = formBreaks(name, withoutMarks(published), withoutMarks(now));
  return [...breaks, ...markBreaks(name, published, now).filter((lost) => !breaks.some((one) => isAbout(one, lost)))];
}

function formBreaks(name: string, published: JsonSchema, now: JsonSchema): string[] {
  return [...fieldBreaks(name, published, now), ...valueBreaks(name, published, now)];
}

/** What is marked now is so with all that it holds. */
function markBreaks(name: string, published: JsonSchema, now: JsonSchema): string[] {
  const marked = personalPathsIn(now);
  return personalPathsIn(published)
    .filter((path) => !marked.some((other) => other.every((part, i) => part === path[i])))
    .map((path) => path.map((part) => (part === '*' ? '[]' : `.${part}`)).join(''))
    .map((path) => `${name}${path}: is not marked as personal any more; what is stored there still is personal`);
}

/** Whether a sentence says that the field of the other one, or what holds the field, was removed. */
function isAbout(sentence: string, other: string): boolean {
  const removed = sentence.endsWith(': was removed; older consumers read it') ? sentence.split(':')[0] : undefined;
  const rest = removed !== undefined && other.startsWith(removed) ? other[removed.length] : undefined;
  return rest === ':' || rest === '.' || rest === '[';
}

function fieldBreaks(name: string, published: JsonSchema, now: JsonSchema): string[] {
  const [before, after] = [propertiesOf(published), propertiesOf(now)];
  const added = Object.keys(after)
    .filter((field) => !Object.hasOwn(before, field) && isRequired(now, field))
    .map((field) => `${name}.${field}: is new and required; events are stored that do not have it`);
  const kept = Object.entries(before).flatMap(([field, schema]) => {
    const path = `${name}.${field}`;
    const [was, is] = [isRequired(published, field), isRequired(now, field)];
    const later = after[field];
    if (later === undefined) return [`${path}: was removed; older consumers read it`];
    return [
      ...(is && !was ? [`${path}: is required now; events are stored that do not have it`] : []),
      ...(was && !is ? [`${path}: may be absent now; older consumers need it`] : []),
      ...formBreaks(path, schema, later),
    ];
  });
  const item = published.items as JsonSchema | undefined;
  return [...added, ...kept, ...(item ? formBreaks(`${name}[]`, item, (now.items ?? {}) as JsonSchema) : [])];
}

function valueBreaks(name: string, published: JsonSchema, now: JsonSchema): string[] {
  const others = [...new Set([...Object.keys(published), ...Object.keys(now)])].filter((key) => !walked.has(key));
  return [
    ...others
      .filter((key) => textOf(published[key]) !== textOf(now[key]))
      .map((key) => `${name}: ${key} was ${textOf(published[key])} and is ${textOf(now[key])}`),
    ...enumBreaks(name, published.enum as unknown[] | undefined, now.enum as unknown[] | undefined),
    ...lowerBounds.flatMap((key) => boundBreaks(name, key, published[key], now[key], 1)),
    ...upperBounds.flatMap((key) => boundBreaks(name, key, published[key], now[key], -1)),
  ];
}

function enumBreaks(name: string, before?: readonly unknown[], after?: readonly unknown[]): string[] {
  if (!before && !after) return [];
  if (!before) return [`${name}: has a list of values now; ${narrowed}`];
  if (!after) return [`${name}: has no list of values any more; ${widened}`];
  const [gone, added] = [before.filter((one) => !after.includes(one)), after.filter((one) => !before.includes(one))];
  return [
    ...(gone.length > 0 ? [`${name}: lost ${gone.map(textOf).join(', ')}; ${narrowed}`] : []),
    ...(added.length > 0 ? [`${name}: gained ${added.map(textOf).join(', ')}; ${widened}`] : []),
  ];
}

/** @param sign 1 for a bound from below, -1 for one from above */
function boundBreaks(name: string, key: string, before: unknown, after: unknown, sign: 1 | -1): string[] {
  if (before === after) return [];
  const tightness = (bound: unknown) => (typeof bound === 'number' ? sign * bound : Number.NEGATIVE_INFINITY);
  const why = tightness(after) > tightness(before) ? narrowed : widened;
  return [`${name}: ${key} was ${textOf(before)} and is ${textOf(after)}; ${why}`];
}

const propertiesOf = ({ properties = {} }: JsonSchema) => properties as Readonly<Record<string, JsonSchema>>;
const isRequired = ({ required = [] }: JsonSchema, field: string) => (required as string[]).includes(field);
const textOf = (value: unknown) => (value === undefined ? 'not there' : JSON.stringify(value));
