// How the copies of some subjects differ from their source. A difference counts once it was seen twice: a copy whose event is on its way
// differs too, and no longer does at the second comparison.
import type { DigestEntry } from './content.ts';

export type DifferenceKind =
  /** The source has it, and there is no copy. */
  | 'missing'
  /** A copy that the source knows nothing of. */
  | 'extra'
  /** The copy is at a lower version. */
  | 'behind'
  /** The copy is at a version that the source never reached. */
  | 'ahead'
  /** The same version of other events. */
  | 'forked'
  /** The same version of the same events, and other content. */
  | 'different';

export const differenceKinds: readonly DifferenceKind[] = [
  'missing',
  'extra',
  'behind',
  'ahead',
  'forked',
  'different',
];

export interface Difference {
  readonly kind: DifferenceKind;
  readonly subject: string;
  readonly copy: DigestEntry | undefined;
  readonly source: DigestEntry | undefined;
}

/** In order of subjects. */
export function differencesBetween(copies: readonly DigestEntry[], sources: readonly DigestEntry[]): Difference[] {
  const copyOf = bySubject(copies);
  const sourceOf = bySubject(sources);
  return [...new Set([...copyOf.keys(), ...sourceOf.keys()])].sort().flatMap((subject) => {
    const copy = copyOf.get(subject);
    const source = sourceOf.get(subject);
    const kind = kindOf(copy, source);
    return kind ? [{ kind, subject, copy, source }] : [];
  });
}

function bySubject(entries: readonly DigestEntry[]): Map<string, DigestEntry> {
  return new Map(entries.map((entry) => [entry.subject, entry]));
}

function kindOf(copy: DigestEntry | undefined, source: DigestEntry | undefined): DifferenceKind | undefined {
  if (copy?.otherFold) return undefined;
  if (!copy) return 'missing';
  if (!source) return 'extra';
  if (copy.version !== source.version) return copy.version < source.version ? 'behind' : 'ahead';
  if (copy.eventsDigest !== source.eventsDigest) return 'forked';
  return copy.contentDigest === source.contentDigest ? undefined : 'different';
}

export interface Confirmed {
  /** The differences that were the same at both looks. */
  readonly findings: readonly Difference[];
  /** How many differences of the first look were gone or had changed at the second look. */
  readonly moving: number;
}

/** @param second the differences of the same subjects after events on their way had time to arrive */
export function confirmed(first: readonly Difference[], second: readonly Difference[]): Confirmed {
  const again = new Map(second.map((one) => [one.subject, one]));
  const findings = first.filter((before) => {
    const now = again.get(before.subject);
    return now !== undefined && sameEntry(before.copy, now.copy) && sameEntry(before.source, now.source);
  });
  return { findings, moving: first.length - findings.length };
}

function sameEntry(one: DigestEntry | undefined, other: DigestEntry | undefined): boolean {
  if (!one || !other) return one === other;
  return (['version', 'eventsDigest', 'contentDigest'] as const).every((field) => one[field] === other[field]);
}
