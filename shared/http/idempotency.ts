// Idempotency-Key: the claim that makes a repeated request find its first answer, and the digest that tells a
// repeat from another request under the same key. Stores nothing: the claim rides on the first event of the request.
import { createHash } from 'node:crypto';
import { type Causation, canonicalJson, extensionsOf, Failure } from '../engine/index.ts';
import { type IfMatch, parseIfMatch } from './conditional.ts';
import { type EdgeRequest, headerOf, resourcePath } from './request-context.ts';

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
  if (quoted === undefined && text.startsWith('"')) throw malformed('It starts with a quote but is no quoted string.');
  const key = quoted === undefined ? text : quoted.replace(/\\(.)/g, '$1');
  if (key.length === 0) throw malformed('It must not be empty.');
  if (key.length > lengthLimit) throw malformed(`It must be at most ${lengthLimit} characters long.`);
  if (/\p{Cc}/u.test(key)) throw malformed('It must not contain control characters.');
  return key;
}

function malformed(detail: string): Failure {
  return new Failure('invalid-request', `The header Idempotency-Key is not valid. ${detail}`, {
    errors: [{ pointer: 'Idempotency-Key', detail }],
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
