// What a request says in its headers beside its input: If-Match (RFC 9110), `Prefer: wait` (RFC 7240), and the Idempotency-Key with the
// claim and the digest that a repeat is known by. Stores nothing: the claim rides on the first event of the request.
// A weak tag never matches (RFC 9110, 13.1.1), and a preference that is not understood is passed over (RFC 7240, section 4.3).

import { createHash } from 'node:crypto';
import { type Causation, canonicalJson, extensionsOf, Failure } from '../engine/index.ts';
import { type EdgeReply, type EdgeRequest, headerOf, resourcePath } from './request-context.ts';

/** null: no condition; '*': whatever is there; else the versions the caller would accept (none may match). */
export type IfMatch = null | '*' | { versions: number[] };

const entityTag = /(W\/)?"([\x21\x23-\x7e\x80-\uffff]*)"/y;
const separator = /[ \t]*(?:,[ \t]*)+/y;
// Without the lookbehind, each blank of a long row would be tried as the beginning of the trailing blanks.
const edges = /^[ \t,]+|(?<![ \t,])[ \t,]+$/g;

/** The strong entity tag of a version: `"7"`. */
export function etagOf(version: number): string {
  return `"${version}"`;
}

const tagsWanted = 'It must be * or a list of entity tags such as "7".';

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
    if (match === null) throw malformed('If-Match', tagsWanted);
    // A tag that is not one of ours is legal and simply matches nothing.
    if (match[1] === undefined && /^[1-9][0-9]{0,15}$/.test(match[2] ?? '')) versions.push(Number(match[2]));
    at = entityTag.lastIndex;
    if (at === list.length) return { versions };
    separator.lastIndex = at;
    if (!separator.test(list)) throw malformed('If-Match', tagsWanted);
    at = separator.lastIndex;
  }
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

export interface KeyedRequest {
  /** `key:` and a hex SHA-256: a claim of the event store. */
  claim: string;
  /** Hex SHA-256 of body and query as canonical JSON. */
  digest: string;
}

const lengthLimit = 255;
// RFC 9651, section 3.3.3: a string item of a structured field.
const quotedString = /^"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;

/** Reads the header; quoted and bare are the same key. @throws invalid-request when empty, too long or malformed. */
export function parseIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  const quoted = quotedString.exec(text)?.[1];
  if (quoted === undefined && text.startsWith('"'))
    throw malformed('Idempotency-Key', 'It starts with a quote but is no quoted string.');
  const key = quoted === undefined ? text : quoted.replace(/\\(.)/g, '$1');
  if (key.length === 0) throw malformed('Idempotency-Key', 'It must not be empty.');
  if (key.length > lengthLimit)
    throw malformed('Idempotency-Key', `It must be at most ${lengthLimit} characters long.`);
  if (/\p{Cc}/u.test(key)) throw malformed('Idempotency-Key', 'It must not contain control characters.');
  return key;
}

function malformed(header: string, detail: string): Failure {
  return new Failure('invalid-request', `The header ${header} is not valid. ${detail}`, {
    errors: [{ pointer: header, detail }],
  });
}

/** The claim of a keyed request. `pathWithIds` holds the ids themselves: the same key on another resource is another key. */
export function requestKeyClaim(principal: string, method: string, pathWithIds: string, key: string): string {
  return `key:${sha256(JSON.stringify([principal, method, pathWithIds, key]))}`;
}

/** What two requests under one key must share to be one request. */
export function requestDigest(body: unknown, query: unknown): string {
  return sha256(canonicalJson({ body: body ?? null, query: query ?? {} }));
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

export interface CommandContext {
  principal: string;
  requestId: string;
  /** What the events of the request belong to, with the trace of its caller. A trace that is malformed is passed over, as W3C demands. */
  causation: Causation;
  /** Of PATCH and DELETE; a POST has no version to match yet. */
  ifMatch: IfMatch;
  keyed: KeyedRequest | undefined;
}

const traceOf = (request: EdgeRequest) =>
  extensionsOf({ traceparent: headerOf(request, 'traceparent'), tracestate: headerOf(request, 'tracestate') });

/** Everything a command needs to know of its request besides the input. @throws invalid-request naming the header. */
export function commandContext(request: EdgeRequest): CommandContext {
  const key = parseIdempotencyKey(headerOf(request, 'idempotency-key'));
  return {
    principal: request.principal.name,
    requestId: request.id,
    causation: { correlationid: request.correlationId, ...traceOf(request) },
    ifMatch: request.method === 'POST' ? null : parseIfMatch(headerOf(request, 'if-match')),
    keyed:
      key === undefined
        ? undefined
        : {
            claim: requestKeyClaim(request.principal.name, request.method, resourcePath(request), key),
            digest: requestDigest(request.received?.body, request.received?.query),
          },
  };
}
