// How much there is of a kind, in two numbers: the subjects, and the sum of their versions. A service compares its copies with the figures
// of the owner. Equal figures do not mean that each copy is right; lower ones mean that some are missing or old.
import { isPlaceholder, type StoredDocument } from '../../engine/index.ts';

export interface CopyFigures {
  readonly subjects: number;
  /** Each version counts the events of its subject, so that an old copy shows as well as a missing one. */
  readonly versions: number;
}

export interface Shortage {
  /** In words, with both numbers. */
  readonly what: string;
}

/** Subjects that have a snapshot of which nothing is known, not even its version. */
export interface Unreadable {
  /** The number of such subjects; each of them counts as present, because nothing says otherwise. */
  readonly subjects: number;
  /** Whether the versions of others can be compared all the same. */
  readonly areVersionsKnown: boolean;
}

/** What the copies lack of the figures that their owner gave earlier. */
export function shortageOf(copies: CopyFigures, owner: CopyFigures, unreadable: Unreadable): Shortage | undefined {
  if (copies.subjects + unreadable.subjects < owner.subjects)
    return { what: `${copies.subjects} of ${owner.subjects} subjects of its owner are here` };
  if (!unreadable.areVersionsKnown || copies.versions >= owner.versions) return undefined;
  const behind = owner.versions - copies.versions;
  return {
    what: `all ${owner.subjects} subjects of its owner are here, and the versions of some are too low, by ${behind} events`,
  };
}

/**
 * The figures together with the subjects that have a snapshot and are held here because of an unreadable event: they do not count as
 * missing. @param passed each such subject with the version of its ignored snapshot, or 0 where nothing is known of the snapshot
 */
export function withHeld(
  figures: CopyFigures,
  passed: ReadonlyMap<string, number>,
  documents: ReadonlyMap<string, StoredDocument>,
): CopyFigures {
  let { subjects, versions } = figures;
  for (const [subject, version] of passed) {
    const document = documents.get(subject);
    const isHere = document !== undefined && !isPlaceholder(document);
    subjects += isHere ? 0 : 1;
    versions += Math.max(0, version - (isHere ? document.version : 0));
  }
  return { subjects, versions };
}
