// The one catalogue of errors. A code is a stable word that other programs may compare;
// the status column is read at the HTTP edge only, and `retry` says whether the same call may succeed later unchanged.

export const failures = {
  'invalid-request': { status: 400, retry: false, title: 'The request is not valid' },
  unauthorized: { status: 401, retry: false, title: 'A valid bearer token is required' },
  forbidden: { status: 403, retry: false, title: 'The token does not allow this' },
  'cross-site': { status: 403, retry: false, title: 'A page of another site sent this' },
  'not-found': { status: 404, retry: false, title: 'There is nothing at this address' },
  'method-not-allowed': { status: 405, retry: false, title: 'The address does not take this method' },
  'snapshot-not-yet': { status: 404, retry: true, title: 'No snapshot has been written yet' },
  'id-taken': { status: 409, retry: false, title: 'The id is in use' },
  'id-removed': { status: 409, retry: false, title: 'The id belonged to something that was removed' },
  'email-taken': { status: 409, retry: false, title: 'The e-mail address is held by another' },
  'identity-taken': { status: 409, retry: false, title: 'The identity belongs to another' },
  'already-merged': { status: 409, retry: false, title: 'Both are one identity already' },
  'merge-too-large': { status: 409, retry: false, title: 'One identity would have too many members' },
  'identity-absorbed': { status: 409, retry: false, title: 'The identity was merged into another' },
  'verification-running': { status: 409, retry: true, title: 'The model is being verified already' },
  'projection-paused': { status: 409, retry: true, title: 'An operator paused it' },
  'rebuild-refused': { status: 409, retry: false, title: 'The generations of the model do not allow it' },
  'version-conflict': { status: 409, retry: true, title: 'The subject changed at the same time' },
  deleted: { status: 410, retry: false, title: 'It was deleted' },
  'if-match-failed': { status: 412, retry: false, title: 'The version in If-Match is not the current one' },
  'too-large': { status: 413, retry: false, title: 'The request is too large' },
  'unsupported-media-type': { status: 415, retry: false, title: 'The body must be application/json' },
  misdirected: { status: 421, retry: false, title: 'The Host is no name of this machine' },
  'reference-unknown': { status: 422, retry: true, title: 'A referenced subject is not available' },
  'idempotency-key-reused': { status: 422, retry: false, title: 'The Idempotency-Key was used for another request' },
  'rate-limited': { status: 429, retry: true, title: 'Too many requests' },
  internal: { status: 500, retry: true, title: 'The server failed' },
  'version-not-yet': { status: 503, retry: true, title: 'The requested version has not been reached yet' },
  'subject-held': { status: 503, retry: true, title: 'The subject is held at an event that cannot be folded' },
  'pause-not-agreed': { status: 503, retry: true, title: 'Not every process paused in time' },
  overloaded: { status: 503, retry: true, title: 'The service is overloaded' },
} as const;

export type FailureCode = keyof typeof failures;

/** One faulty place in a request: a JSON pointer into the body, or `?name` / `Header-Name` / `{pathParam}`. */
export interface FaultyField {
  pointer: string;
  detail: string;
}

export interface FailureDetails {
  errors?: FaultyField[];
  /** The version the subject is known to be at. */
  currentVersion?: number;
  cause?: unknown;
}

/** An expected way for a call to end: thrown by commands and adapters, rendered as an RFC 9457 problem at the edge. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly errors: FaultyField[] | undefined;
  readonly currentVersion: number | undefined;

  constructor(
    readonly code: FailureCode,
    detail: string,
    details: FailureDetails = {},
  ) {
    super(detail, 'cause' in details ? { cause: details.cause } : undefined);
    this.errors = details.errors;
    this.currentVersion = details.currentVersion;
  }
}

export function isFailure(error: unknown, code?: FailureCode): error is Failure {
  return error instanceof Failure && (code === undefined || error.code === code);
}
