// What each failure means to the caller who meets it, and what the caller can do: the one source of the pages under /problems and of
// docs/errors.md. The compiler sees that no code is missing here and that none is left over.
import { type FailureCode, failures } from '../engine/index.ts';

export interface Explanation {
  happened: string;
  remedy: string;
}

export const explanations: Record<FailureCode, Explanation> = {
  'invalid-request': {
    happened:
      'The body, the query, the path or a header is not what this route takes. `errors` names each faulty place.',
    remedy: 'Correct the places that `errors` names and send the request again. Repeating it unchanged never helps.',
  },
  unauthorized: {
    happened: 'The service asks for a token and the request had none, or one that it does not know.',
    remedy: 'Send `Authorization: Bearer <token>` with a token from the setting `API_TOKENS` of the service.',
  },
  forbidden: {
    happened: 'The token is known, but lacks the scope of this route, which `detail` names.',
    remedy:
      'Use a token whose entry in `API_TOKENS` ends in that scope: `:verification` for digests, `:admin` for everything. A token without a scope reads and writes.',
  },
  'cross-site': {
    happened:
      'A browser sent a change for a page of another origin: `Origin` names another host or port than `Host`, or `Sec-Fetch-Site` says so.',
    remedy:
      'Send changes from the service’s own page, or from a program that is no browser. A proxy must hand on `Host` as the browser sent it.',
  },
  'not-found': {
    happened: 'No route has this path and method, or nothing with this id was ever heard of here.',
    remedy:
      'Check the path and the id. In a read model that follows another service the news may still be on its way: ask with `minVersion` and `Prefer: wait`.',
  },
  'method-not-allowed': {
    happened: 'A route has this path, and none of the routes with this path has the method. `Allow` lists the methods.',
    remedy: 'Send one of the methods that `Allow` lists.',
  },
  'snapshot-not-yet': {
    happened: 'A read with `replay=false` looks at the snapshot alone, and none has been written yet.',
    remedy: 'Leave `replay=false` out to read the events too, or try again shortly.',
  },
  'id-taken': {
    happened: 'The `id` given in the request already belongs to something.',
    remedy: 'Choose another id or leave it out. To repeat a request safely use an `Idempotency-Key`.',
  },
  'id-removed': {
    happened: 'The `id` given in the request belonged to something that was removed; ids are never used again.',
    remedy: 'Choose another id or leave it out.',
  },
  'email-taken': {
    happened: 'Another user holds this e-mail address; upper and lower case are the same address.',
    remedy: 'Use another address, or change or delete the user who holds it.',
  },
  'identity-taken': {
    happened: 'Another user is known by this identity already; `GET /identities/{kind}/{value}` says which.',
    remedy: 'Use another value, or merge the two users when they are one person.',
  },
  'already-merged': {
    happened: 'Both users stand for one identity already: the merges that join them are in force.',
    remedy: 'Nothing is left to do. `GET /identity-merges` lists the merges; retract one to part them.',
  },
  'merge-too-large': {
    happened: 'Together both sides would have more members, or a longer chain of merges, than one identity may have.',
    remedy: 'Check that these users really are one person. `IDENTITY_MEMBERS_MAX` is the limit of members.',
  },
  'verification-running': {
    happened: 'One model is verified by one verification at a time, and one is running, perhaps by itself.',
    remedy: 'Wait until it has ended: `GET /admin/verifications` shows it. Then send the request again.',
  },
  'identity-absorbed': {
    happened: 'This user was merged into another, which stands for both now; `Location` names that survivor.',
    remedy: 'Send the request to the survivor, or retract the merge first.',
  },
  'projection-paused': {
    happened:
      'An operator paused the projection, and nothing may be written until it is resumed. The detail says who and why.',
    remedy:
      'Resume it in the admin command line: `resume <projection>`, or wait until somebody does. Then send the request again.',
  },
  'rebuild-refused': {
    happened:
      'A rebuild, a switch, a rollback, a discard or a repair was asked for that does not go with the generations that are there; the detail says why.',
    remedy: 'Look at `GET /admin/models`, and do first what the detail names.',
  },
  'version-conflict': {
    happened:
      'Others changed the same subject at the same time, and the request was decided anew as often as is allowed.',
    remedy:
      'Read the current state (`currentVersion` names its version where known), decide again, and send the request again.',
  },
  deleted: {
    happened: 'The subject existed and was deleted or removed. Its events are still there.',
    remedy: 'Nothing brings it back; create a new one. Its history can still be read where the service offers it.',
  },
  'if-match-failed': {
    happened: 'The request was meant for a version that is not the current one. Weak tags (`W/"7"`) never match.',
    remedy: 'Read the current state, decide again, and send its `ETag` in `If-Match`.',
  },
  'too-large': {
    happened: 'The body or the headers are larger than the service reads.',
    remedy: 'Send less. A body may have 262,144 bytes.',
  },
  'unsupported-media-type': {
    happened: 'There was a body, and its `Content-Type` is not `application/json`.',
    remedy: 'Send `Content-Type: application/json`; the only charset is UTF-8.',
  },
  misdirected: {
    happened:
      'The service has no tokens, so it answers only to names of this machine. Under any other name a page of another site could be asking.',
    remedy:
      'Ask it as `localhost`, `127.0.0.1` or `[::1]`. Where others are to reach it, by a name or through a proxy, set `API_TOKENS`.',
  },
  'reference-unknown': {
    happened:
      'With `strict=true`, something the request refers to is not known yet, or was removed. `errors` names the field.',
    remedy:
      'Create what is referred to first, correct the id, or leave `strict` out to have the reference filled in later.',
  },
  'idempotency-key-reused': {
    happened: 'The same `Idempotency-Key` came before with another body or query.',
    remedy: 'Make a new key for each new request; send the same key only with the same request.',
  },
  'rate-limited': {
    happened: 'The caller sent more requests than are allowed within a minute.',
    remedy: 'Wait as many seconds as `Retry-After` says.',
  },
  internal: {
    happened: 'The service met an error that it does not know. Whether the request took effect is not certain.',
    remedy:
      'Send it again with the same `Idempotency-Key`. If it stays, look for the `requestId` in the log of the service.',
  },
  'version-not-yet': {
    happened:
      'The version asked for with `minVersion` has not been reached here yet. `currentVersion` says how far it is.',
    remedy: 'Try again after `Retry-After` seconds, or send `Prefer: wait=10` to have the service wait.',
  },
  'subject-held': {
    happened:
      'An event of this subject cannot be folded, so everything after it is held. Other subjects are not touched.',
    remedy:
      'An operator repairs and releases it; `/readyz?verbose` lists it. `replay=false` still answers with the last snapshot.',
  },
  'pause-not-agreed': {
    happened:
      'A change between generations needs every process of the service to stand still between two batches, and one did not in time. The detail names it. It was taken back, and nothing is changed.',
    remedy: 'Ask again. Where it happens again, look at the process that is named: it writes slowly, or hangs.',
  },
  overloaded: {
    happened: 'The service has more to do than it can, or is stopping, or its store gave no clear answer in time.',
    remedy: 'Try again after `Retry-After` seconds, a change with the same `Idempotency-Key`.',
  },
};

export const codes = Object.keys(failures) as FailureCode[];

/** docs/errors.md, whole. */
export function renderErrorsMarkdown(): string {
  const sections = codes.map((code) => {
    const { status, title, retry } = failures[code];
    const { happened, remedy } = explanations[code];
    const again = retry ? 'The same request may succeed later.' : 'The same request will not succeed later.';
    return `## ${code}\n\n**${status}: ${title}.** ${happened}\n\nWhat to do: ${remedy} ${again}\n`;
  });
  return [
    '# Errors',
    '',
    '<!-- Written by shared/http/write-errors-page.ts from the catalogue; a test compares the two. -->',
    '',
    'Every error is a problem document (RFC 9457, `application/problem+json`):',
    '`type` (`/problems/<code>`, a page that the service itself serves), `title`, `status`, `detail`, `instance`,',
    '`code` (the stable word to compare), `requestId`, and where they are known',
    '`errors: [{ pointer, detail }]` and `currentVersion`.',
    'A `pointer` is a JSON pointer into the body (`/lines/0/quantity`, empty for the whole body), or `?name` for a key',
    'of the query, `{name}` for a part of the path, or the name of a header.',
    '',
    '| code | status | meaning |',
    '|---|---|---|',
    ...codes.map((code) => `| [${code}](#${code}) | ${failures[code].status} | ${failures[code].title} |`),
    '',
    sections.join('\n'),
  ].join('\n');
}
