// Reads request bodies: `application/json` in UTF-8 and nothing else, bounded in size and depth, without keys that
// could act as operators or reach a prototype. What a body means is left to the route's schema.
import { safeParse } from 'fast-content-type-parse';
import { Failure } from '../engine/index.ts';
import { JsonFault, parseLocatedJson } from '../json/index.ts';
import type { HttpApp } from './http-app.ts';
import type { HttpLimits } from './limits.ts';

/** Whether a Content-Type names JSON in UTF-8, the only charset JSON travels in (RFC 8259, section 8.1). */
export function isJsonType(contentType: string): boolean {
  // What is no media type by RFC 9110, section 8.3.1, has the type ''.
  const { type, parameters } = safeParse(contentType);
  return type === 'application/json' && /^utf-?8$/i.test(parameters.charset ?? 'utf-8');
}

const refusedKeys = new Set(['__proto__', 'constructor', 'prototype']);

/** Reads a body. Empty is `undefined`. @throws invalid-request naming the line, the key or the depth. */
export function parseJsonBody(bytes: Buffer, depthLimit: number): unknown {
  if (bytes.length === 0) return undefined;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw invalidBody('', 'The body is not valid UTF-8.', cause);
  }
  const value = readJson(text, depthLimit);
  refuseDangerousKeys(value);
  return value;
}

function readJson(text: string, depthLimit: number): unknown {
  try {
    return parseLocatedJson(text, depthLimit).value;
  } catch (cause) {
    if (!(cause instanceof JsonFault)) throw cause;
    const { kind, path, stop } = cause;
    if (kind === 'too-deep')
      throw invalidBody(pointerTo(path), `The body nests deeper than ${depthLimit} levels.`, cause);
    if (kind === 'repeated-key') {
      const key = JSON.stringify(String(path.at(-1)).slice(0, 80));
      throw invalidBody('', `The key ${key} is there twice.`, cause);
    }
    // What was found there may be personal data.
    const place = `line ${stop.line}, column ${stop.column}`;
    throw invalidBody('', `The body is not valid JSON: ${stop.expected} was expected at ${place}.`, cause);
  }
}

/** Goes as deep as the reader let the body nest. */
function refuseDangerousKeys(value: unknown, path: readonly string[] = []): void {
  if (value === null || typeof value !== 'object') return;
  for (const [key, inner] of Object.entries(value)) {
    const place = [...path, key];
    if (key.startsWith('$') || refusedKeys.has(key)) {
      throw invalidBody(pointerTo(place), `The key ${JSON.stringify(key.slice(0, 60))} is not allowed in a body.`);
    }
    refuseDangerousKeys(inner, place);
  }
}

const pointerTo = (path: readonly (string | number)[]) =>
  path.map((part) => `/${escapePointer(String(part))}`).join('');

/** One reference token of a JSON pointer (RFC 6901), cut so that an answer never repeats a huge key. */
export function escapePointer(key: string): string {
  return key.slice(0, 60).replaceAll('~', '~0').replaceAll('/', '~1');
}

function invalidBody(pointer: string, detail: string, cause?: unknown): Failure {
  return new Failure('invalid-request', detail, { errors: [{ pointer, detail }], cause });
}

/** Makes the app read JSON bodies and refuse all others. */
export function addJsonBodies(app: HttpApp, limits: HttpLimits): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body: Buffer, done) => {
    done(null, parseJsonBody(body, limits.bodyDepth));
  });

  app.addHook('onRequest', async (request) => {
    const { headers } = request.raw;
    const length = headers['content-length'];
    const hasBody = headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
    const contentType = headers['content-type'];
    if (request.method === 'GET' || request.method === 'HEAD') {
      if (!hasBody) delete headers['content-type'];
    } else if (!hasBody) {
      // Many clients name JSON on every request. Any other type is a form's, which a browser sends for any page.
      if (contentType !== undefined && !isJsonType(contentType)) throw unsupportedMediaType();
      delete headers['content-type'];
    } else {
      if (!isJsonType(contentType ?? '')) throw unsupportedMediaType();
      // The framework reads parameters again, leniently and by patterns of its own; what they say is settled here.
      headers['content-type'] = 'application/json';
      // RFC 9110, section 8.4: a coding that is not read is refused as a type that is not read.
      if (!/^(identity)?$/i.test(headers['content-encoding'] ?? '')) throw unsupportedMediaType('Content-Encoding');
    }
  });

  app.addHook('preValidation', async (request) => {
    if (request.body === undefined || request.body === null) return;
    if (request.routeOptions.schema?.body === undefined && !isEmptyObject(request.body)) {
      throw invalidBody('', `${request.method} takes no body here: send none.`);
    }
  });
}

export function unsupportedMediaType(header: 'Content-Type' | 'Content-Encoding' = 'Content-Type'): Failure {
  const detail = 'A body must come with Content-Type: application/json, in UTF-8, and not compressed.';
  return new Failure('unsupported-media-type', detail, { errors: [{ pointer: header, detail }] });
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
}
