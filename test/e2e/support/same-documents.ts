// Compares two sets of documents: the same ids, none missing and none extra, and each the same as canonical JSON.
// What it throws names the subjects, and shows the first three differences member by member.
import type { SubjectDocument } from './test-system.ts';

const shownMax = 3;

/** JSON with sorted keys and dates as instants: equal values have equal text. */
export function canonical(value: unknown): string {
  if (value instanceof Date) return JSON.stringify(value.toISOString());
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    members.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

/** @throws Error naming what is missing, extra or different */
export function expectSameDocuments(
  what: string,
  actual: readonly SubjectDocument[],
  expected: ReadonlyMap<string, SubjectDocument>,
): void {
  const found = new Map(actual.map((document) => [document._id, document]));
  const missing = [...expected.keys()].filter((id) => !found.has(id));
  const extra = [...found.keys()].filter((id) => !expected.has(id));
  const different = [...expected].flatMap(([id, document]) => {
    const other = found.get(id);
    return other !== undefined && canonical(other) !== canonical(document) ? [differences(id, other, document)] : [];
  });
  const doubled = actual.length - found.size;
  if (missing.length + extra.length + different.length + doubled === 0) return;
  throw new Error(
    [
      `${what} are not what the stored events say: of ${expected.size}, ${missing.length} are missing, ${different.length} differ, and ${extra.length} are too many.`,
      ...missing.slice(0, shownMax).map((id) => `missing ${id}`),
      ...extra.slice(0, shownMax).map((id) => `extra ${id}: ${canonical(found.get(id))}`),
      ...different.slice(0, shownMax),
    ].join('\n'),
  );
}

/** One line for each member that differs. */
export function differences(id: string, actual: object, expected: object): string {
  const of = (value: object, name: string) => canonical((value as Record<string, unknown>)[name]);
  const names = new Set([...Object.keys(actual), ...Object.keys(expected)]);
  const lines = [...names]
    .filter((name) => of(actual, name) !== of(expected, name))
    .map((name) => `  ${name}: is ${of(actual, name)}, expected ${of(expected, name)}`);
  return [`different ${id}`, ...lines].join('\n');
}
