// Entity tags and If-Match (RFC 9110, sections 8.8.3 and 13.1.1). A subject's version is its tag, compared strongly:
// a weak tag never matches, because a proxy that weakened it no longer vouches for the version.
import { Failure } from '../engine/index.ts';
import type { EdgeReply } from './request-context.ts';

/** null: no condition; '*': whatever is there; else the versions the caller would accept (none may match). */
export type IfMatch = null | '*' | { versions: number[] };

const entityTag = /(W\/)?"([\x21\x23-\x7e\x80-\uffff]*)"/y;
const separator = /[ \t]*(?:,[ \t]*)+/y;
// Without the look back, each blank of a long row would be tried as the first one of the end.
const edges = /^[ \t,]+|(?<![ \t,])[ \t,]+$/g;

/** The strong entity tag of a version: `"7"`. */
export function etagOf(version: number): string {
  return `"${version}"`;
}

/** Reads the header. @throws invalid-request naming If-Match when it is no list of entity tags. */
export function parseIfMatch(header: string | undefined): IfMatch {
  if (header === undefined) return null;
  const list = header.replace(edges, '');
  if (list === '*') return '*';
  const versions: number[] = [];
  let at = 0;
  for (;;) {
    entityTag.lastIndex = at;
    const match = entityTag.exec(list);
    if (match === null) throw malformed();
    // A tag that is not one of ours is legal and simply matches nothing.
    if (match[1] === undefined && /^[1-9][0-9]{0,15}$/.test(match[2] ?? '')) versions.push(Number(match[2]));
    at = entityTag.lastIndex;
    if (at === list.length) return { versions };
    separator.lastIndex = at;
    if (!separator.test(list)) throw malformed();
    at = separator.lastIndex;
  }
}

function malformed(): Failure {
  const detail = 'It must be * or a list of entity tags such as "7".';
  return new Failure('invalid-request', `The header If-Match is not valid. ${detail}`, {
    errors: [{ pointer: 'If-Match', detail }],
  });
}

/** Whether a command may go on against the subject's current version. */
export function ifMatchAllows(condition: IfMatch, version: number): boolean {
  if (condition === null) return true;
  if (condition === '*') return version > 0;
  return condition.versions.includes(version);
}

/** @throws if-match-failed with the current version, when the condition does not hold. */
export function assertIfMatch(condition: IfMatch, version: number): void {
  if (ifMatchAllows(condition, version)) return;
  throw new Failure('if-match-failed', `If-Match names another version; the current one is ${version}.`, {
    currentVersion: version,
  });
}

/** Sets what an answer says about the version it shows: `ETag`, and `Location` and `Idempotency-Replayed` where due. */
export function setVersionHeaders(
  reply: EdgeReply,
  shown: { version: number; location?: string | undefined; replayed?: boolean | undefined },
): void {
  reply.header('ETag', etagOf(shown.version));
  if (shown.location !== undefined) reply.header('Location', shown.location);
  if (shown.replayed === true) reply.header('Idempotency-Replayed', 'true');
}
