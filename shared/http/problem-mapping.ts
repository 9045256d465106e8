// Turns whatever was thrown into a failure of the catalogue. Promises that text from drivers, stacks and values of
// the request never become part of an answer: what is not known here is `internal`.
import { Failure, type FaultyField, isFailure } from '../engine/index.ts';
import { escapePointer, unsupportedMediaType } from './json-body.ts';
import type { HttpLimits } from './limits.ts';

interface ValidationIssue {
  keyword: string;
  instancePath: string;
  message?: string;
  params: { keys?: unknown };
}

interface FrameworkError {
  code?: unknown;
  statusCode?: unknown;
  validation?: ValidationIssue[];
  validationContext?: string;
}

const parts: Record<string, { name: string; place: (path: string) => string }> = {
  body: { name: 'body', place: (path) => path },
  querystring: { name: 'query', place: (path) => `?${path.slice(1)}` },
  params: { name: 'path', place: (path) => `{${path.slice(1)}}` },
  headers: { name: 'headers', place: (path) => path.slice(1) },
};

const errorsLimit = 20;

/** The failure that a thrown value means at the edge. */
export function failureOf(error: unknown, limits: HttpLimits): Failure {
  if (isFailure(error)) return error;
  const known = (typeof error === 'object' && error !== null ? error : {}) as FrameworkError;
  if (known.validation !== undefined) return validationFailure(known.validation, known.validationContext ?? 'body');
  switch (known.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE': {
      const detail = `The body is larger than ${limits.bodyLimitBytes} bytes.`;
      return new Failure('too-large', detail, { errors: [{ pointer: '', detail }] });
    }
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return unsupportedMediaType();
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return invalid('Content-Length', 'The body is not as long as Content-Length says.');
    case 'FST_ERR_BAD_URL':
      return invalid('path', 'The path is not correctly percent-encoded.');
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return invalid('path', 'A part of the path is longer than any id.');
    case 'FST_ERR_NOT_FOUND':
    // The path leads outside of the files of the pages, so there is nothing at this path.
    case 'FST_STATIC_FORBIDDEN_PATH':
      return new Failure('not-found', 'There is nothing at this address.');
    case 'FST_ERR_HANDLER_TIMEOUT':
      return new Failure('overloaded', `No answer was ready within ${limits.handlerTimeoutMs} ms; try again.`);
    default:
      // Marked by the body reader; a store's broken connection has the same code and is no fault of the caller.
      if (known.code === 'ECONNRESET' && known.statusCode === 400) {
        return invalid('', 'The request was not sent to its end.');
      }
      // The framework or one of its plug-ins blames the caller, in words of its own.
      if (String(known.code).startsWith('FST_') && isCallersFault(known.statusCode))
        return invalid('', 'The request is not one that can be answered.');
      return new Failure(
        'internal',
        'The server failed; try again later, and quote the requestId when you report it.',
        {
          cause: error,
        },
      );
  }
}

/** The failure when a hook or plugin of the surrounding app refuses a request; the hook's own words stay out of the answer. */
export function failureOfHost(error: unknown): Failure | undefined {
  const { statusCode, code } = Object(error) as FrameworkError;
  if (isFailure(error) || code === 'FST_ERR_HANDLER_TIMEOUT' || code === 'FST_STATIC_FORBIDDEN_PATH') return undefined;
  const about = { cause: error };
  switch (statusCode) {
    case 401:
      return new Failure('unauthorized', 'The application refuses callers that it does not know.', about);
    case 403:
      return new Failure('forbidden', 'The application does not let this caller do this.', about);
    case 429:
      return new Failure('rate-limited', 'The application takes no more requests of this caller for now.', about);
    case 503:
      return new Failure('overloaded', 'The application has more to do than it can; try again.', about);
    default:
      return undefined;
  }
}

function isCallersFault(status: unknown): boolean {
  return typeof status === 'number' && status >= 400 && status < 500;
}

function invalid(pointer: string, detail: string): Failure {
  return new Failure('invalid-request', detail, { errors: [{ pointer, detail }] });
}

function validationFailure(issues: ValidationIssue[], context: string): Failure {
  const part = parts[context] ?? { name: context, place: (path: string) => path };
  const errors = issues.flatMap((issue) => faultyFields(issue, context, part.place)).slice(0, errorsLimit);
  const first = errors[0] ?? { pointer: '', detail: 'It is not valid.' };
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  const place = first.pointer === '' ? '' : ` at ${first.pointer}`;
  return new Failure('invalid-request', `The ${part.name} is not valid${place}: ${first.detail}${more}`, { errors });
}

function faultyFields(issue: ValidationIssue, context: string, place: (path: string) => string): FaultyField[] {
  const path = issue.instancePath === '/' ? '' : issue.instancePath;
  const message = issue.message ?? 'It is not valid.';
  if (issue.keyword === 'unrecognized_keys' && Array.isArray(issue.params.keys)) {
    return issue.params.keys.map((key) => ({
      pointer: place(`${path}/${escapePointer(String(key))}`),
      detail: 'This key is not known here; remove it.',
    }));
  }
  if (context === 'body' && path === '' && message.endsWith('received null')) {
    return [{ pointer: '', detail: 'The body is missing; send a JSON object as application/json.' }];
  }
  if (message.endsWith('received undefined')) return [{ pointer: place(path), detail: 'It is required.' }];
  return [{ pointer: place(path), detail: message }];
}
