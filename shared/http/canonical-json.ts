// The one text of a JSON value (RFC 8785): equal values have equal text, whatever their key order or spacing was.
// For values that came out of JSON.parse; their depth is bounded where bodies are read.

/** Canonical JSON. Keys are ordered by UTF-16 code units, numbers and strings are written as ECMAScript does. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const record = value as Record<string, unknown>;
    // Array.sort without a comparison orders by UTF-16 code units, as section 3.2.3 asks.
    const members = Object.keys(record)
      .filter((key) => record[key] !== undefined)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonicalJson(record[key])}`);
    return `{${members.join(',')}}`;
  }
  const text = JSON.stringify(value ?? null);
  if (text === undefined || (typeof value === 'number' && !Number.isFinite(value))) {
    throw new TypeError(`A ${typeof value} has no canonical JSON.`);
  }
  return text;
}
