// What two copies of a subject must have in common, and the digest that tells whether they do. The digest is computed from what is stored
// at that moment and never kept: a field that was changed by hand would keep its old digest.
import { createHash } from 'node:crypto';
import { canonicalJson, type ProjectedDocument } from '../../engine/index.ts';

/** The part of a document that its copies share, whoever keeps them. Reads what somebody may have changed: it must not throw. */
export type SharedForm = (document: ProjectedDocument) => Readonly<Record<string, unknown>>;

/** For a model whose events the same service has: everything but the number of the fold, which is judged apart. */
export const wholeForm: SharedForm = ({ _id, foldVersion: _, ...rest }) => ({ subject: _id, ...rest });

/** Hex SHA-256 of the form as canonical JSON (RFC 8785). */
export function contentDigest(form: Readonly<Record<string, unknown>>): string {
  return sha256(textOf(form));
}

/** A value that only a change by hand can have left, such as NaN, equals no value that a fold makes. */
function textOf(form: Readonly<Record<string, unknown>>): string {
  try {
    return canonicalJson(form);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return `no JSON: ${error.message}`;
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** One subject on one side of a comparison. */
export interface DigestEntry {
  readonly subject: string;
  readonly version: number;
  readonly eventsDigest: string;
  readonly contentDigest: string;
  /** A copy that another version of the fold wrote: it needs a rebuild, and is neither equal nor different. */
  readonly otherFold?: true;
  /** A copy that cannot be decoded: every reader passes over it, so a repair removes it before it folds the events. */
  readonly unreadable?: true;
}

/** An invalid version becomes 0 and an invalid digest becomes empty, because no event has these values. */
export function entryOf(form: SharedForm, document: ProjectedDocument): DigestEntry {
  const { _id, version, eventsDigest } = document;
  return {
    subject: String(_id),
    version: Number.isSafeInteger(version) && version > 0 ? version : 0,
    eventsDigest: typeof eventsDigest === 'string' ? eventsDigest : '',
    contentDigest: contentDigest(form(document)),
  };
}
