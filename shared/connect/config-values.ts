// The forms in which values of a connector's config are written: lists with commas, JSON texts, and patterns. Kafka Connect reads patterns as
// Java patterns, which agree with ours for names of topics and collections; a pattern that only Java can read matches nothing here.

/** Settings of a connector or a topic, as Connect and Kafka keep them. */
export type Config = Readonly<Record<string, string>>;

/** The parts of a value with commas, as Connect reads them. */
export function list(value: string | undefined): string[] {
  return (value ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** The value of a JSON text; undefined for none, and for what is not JSON. */
export function parsed(value: string | undefined): unknown {
  try {
    return value === undefined ? undefined : JSON.parse(value);
  } catch {
    return undefined;
  }
}

/** Whether the pattern matches the whole name, as Kafka Connect matches topics. */
export function matchesName(pattern: string, name: string): boolean {
  return isFoundIn(`^(?:${pattern})$`, name);
}

/** Whether the pattern is found anywhere in the text, as the MongoDB connector looks for namespaces. */
export function isFoundIn(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern).test(text);
  } catch {
    return false;
  }
}
