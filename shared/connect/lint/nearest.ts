// The known word that a misspelt one most likely means.

/** Edits apart beyond which two keys are not taken for the same one misspelt. */
const editsMax = 3;

/** `: did you mean x?`, or nothing when no known word is near. */
export function didYouMean(word: string, known: Iterable<string>): string {
  let nearest: string | undefined;
  let edits = editsMax + 1;
  for (const candidate of known) {
    const apart = editsBetween(word, candidate);
    if (apart < edits) [nearest, edits] = [candidate, apart];
  }
  return nearest === undefined ? '' : `: did you mean ${nearest}?`;
}

/** Letters to add, take out or change (Levenshtein's distance). */
export function editsBetween(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > editsMax) return editsMax + 1;
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, change));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
