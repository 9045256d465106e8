// Conditional requests (RFC 9110) and preferences (RFC 7240): ETag, If-Match, the version in an answer, and `Prefer: wait`.
import { Failure } from '../engine/index.ts';
import { type EdgeReply, type EdgeRequest, headerOf } from './request-context.ts';

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

const waitLimitSeconds = 30;
const preference = /^[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s",;]*)))?/;
const listMembers = /(?:[^",]|"(?:[^"\\]|\\.)*"?)+/g;

/** The seconds of the first `wait` in a Prefer header, at most 30; undefined when it asks for none. */
export function parsePreferWait(header: string | undefined): number | undefined {
  for (const member of (header ?? '').match(listMembers) ?? []) {
    const [, name, quoted, bare] = preference.exec(member) ?? [];
    if (name?.toLowerCase() !== 'wait') continue;
    const seconds = quoted ?? bare ?? '';
    // RFC 7240, section 2: of repeated preferences the first one counts.
    return /^[0-9]{1,9}$/.test(seconds) ? Math.min(Number(seconds), waitLimitSeconds) : undefined;
  }
  return undefined;
}

/** The milliseconds this request would wait, 0 when it would not; says so in `Preference-Applied`. */
export function applyPreferWait(request: EdgeRequest, reply: EdgeReply): number {
  const seconds = parsePreferWait(headerOf(request, 'prefer'));
  if (seconds === undefined) return 0;
  reply.header('Preference-Applied', `wait=${seconds}`);
  return seconds * 1000;
}
