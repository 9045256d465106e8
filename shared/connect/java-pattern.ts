// The patterns that an operator writes into a connector file. Kafka Connect reads them as Java patterns, which agree with ours for names
// of topics and collections. A pattern that only Java can read matches nothing here.

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
