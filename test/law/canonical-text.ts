// Two values are the same when their canonical texts are: keys in order, dates as RFC 3339.

/** Canonical text: keys in order, dates as RFC 3339. */
export function textOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(textOf).join()}]`;
  // A clone's dates may belong to another realm, so `instanceof` does not know them.
  if (value === null || typeof value !== 'object' || 'toJSON' in value) return JSON.stringify(value);
  const record = value as Record<string, unknown>;
  const keys = Object.keys(record).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${textOf(record[key])}`).join()}}`;
}
